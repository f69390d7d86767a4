import { check, model, type Values } from "@modelgateway/schema";
import { type Caller, type Change, MemoryWorld } from "..";
import { writeOne } from "./engine";

export const ME: Caller = { owner: "pulumi:org/shop/dev" };
export const OTHER: Caller = { owner: "terraform:team-b" };
export const NOBODY: Caller = { owner: "" };

export const api = (name: string, more: Values = {}) => ({
  name,
  scene: "TextGeneration",
  requestProtocol: "OpenAI",
  basePath: `/${name}`,
  ...more,
});
export const service = (name: string, more: Values = {}) => ({
  name,
  modelProvider: "Custom",
  protocol: "OpenAI/v1",
  upstreamUrl: "https://one.example",
  ...more,
});
export const key = (name: string, more: Values = {}) => ({
  name,
  valueFrom: "env:MODELGATEWAY_KEY_A",
  ...more,
});
export const TWO_ROUTES = { routes: ["chat-completions", "completions"] };

export const body = (kind: string, object: Values) => check(model.kind(kind), object).fields;

/** Objects that a caller has made, one after the other; their ids are their places: `id-1`, `id-2`. */
export type Made = readonly [caller: Caller, kind: string, object: Values];

export function world(objects: readonly Made[]): MemoryWorld {
  const made = new MemoryWorld(model);
  for (const [at, [caller, kind, object]] of objects.entries()) {
    const change: Change = { op: "create", kind, object: body(kind, object), managedAs: `old-${at + 1}` };
    const refused = writeOne(made, caller, change, at + 1);
    if (refused !== undefined) throw new Error(`the world breaks a rule: ${refused}`);
  }
  return made;
}

export const create = (
  kind: string,
  object: Values,
  more: Partial<Change & { op: "create" }> = {},
): Change => ({
  op: "create",
  kind,
  object: body(kind, object),
  ...more,
});
export const update = (
  kind: string,
  id: string,
  object: Values,
  more: Partial<Change & { op: "update" }> = {},
): Change => ({ op: "update", kind, id, object: body(kind, object), ...more });
export const remove = (kind: string, id: string, more: Partial<Change & { op: "delete" }> = {}): Change => ({
  op: "delete",
  kind,
  id,
  ...more,
});

export const BOUND: readonly Made[] = [
  [ME, "ModelService", service("deepseek")],
  [ME, "ModelApi", api("qwen")],
  [ME, "ModelApiBinding", { api: "qwen", service: "deepseek" }],
];
export const BOUND_BY_OTHER: readonly Made[] = [
  ...BOUND.slice(0, 2),
  [OTHER, "ModelApiBinding", { api: "qwen", service: "deepseek" }],
];
export const BOUND_BY_NOBODY: readonly Made[] = [
  ...BOUND.slice(0, 2),
  [NOBODY, "ModelApiBinding", { api: "qwen", service: "deepseek" }],
];
