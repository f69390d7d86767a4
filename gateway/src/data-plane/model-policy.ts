import type { ServedService } from "@modelgateway/schema";
import { refusal } from "./errors";
import { findModel, type ModelField, type ScanProblem, setModel } from "./model-field";
import type { RequestBody } from "./request-body";

/** A service's rules on models, with everything decided that no request decides. */
export interface ModelPolicy {
  readonly specify: boolean;
  readonly defaultModel: string | undefined;
  /** Absent: every model is allowed. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly useDefault: boolean;
  readonly rewrites: ReadonlyMap<string, string>;
  /** The models that this policy can put into a body, as JSON. */
  readonly texts: ReadonlyMap<string, Buffer>;
}

type PolicyFields = Pick<
  ServedService,
  "modelSelector" | "defaultModel" | "allowedModels" | "onDisallowedModel" | "modelRewrites"
>;

export function compileModelPolicy(service: PolicyFields): ModelPolicy {
  const defaultModel = service.defaultModel === "" ? undefined : service.defaultModel;
  // The first rule for a name wins, as in any list of rules.
  const rewrites = new Map([...service.modelRewrites].reverse().map(({ from, to }) => [from, to]));
  const ours = [...(defaultModel === undefined ? [] : [defaultModel]), ...rewrites.values()];
  return {
    specify: service.modelSelector === "Specify",
    defaultModel,
    allowed: service.allowedModels.length === 0 ? undefined : new Set(service.allowedModels),
    useDefault: service.onDisallowedModel === "useDefault",
    rewrites,
    texts: new Map(ours.map((model) => [model, Buffer.from(JSON.stringify(model))])),
  };
}

/** Makes the body the one that the vendor gets: only its model may change. Throws the client's error. */
export function applyModelPolicy(policy: ModelPolicy, body: RequestBody): void {
  const { bytes } = body;
  const field = findModel(bytes);
  if (typeof field === "string") throw bodyRefused(field);
  if (field.kind === "other") throw refusal("invalid_model");
  const asked = field.kind === "string" ? nameIn(bytes, field) : undefined;
  const chosen = chooseModel(policy, asked);
  const sent = policy.rewrites.get(chosen) ?? chosen;
  if (sent !== asked) setModel(body, field, policy.texts.get(sent) ?? Buffer.from(JSON.stringify(sent)));
}

/** Before rewrites. A `null` counts as no model. */
function chooseModel(policy: ModelPolicy, asked: string | undefined): string {
  const { specify, defaultModel, allowed, useDefault } = policy;
  if (asked === undefined || specify) {
    if (defaultModel === undefined) throw refusal("model_required");
    return defaultModel;
  }
  if (!allowed || allowed.has(asked)) return asked;
  if (useDefault && defaultModel !== undefined) return defaultModel;
  throw refusal("model_not_found", { model: asked });
}

/**
 * The answer to `GET /v1/models` where the policy alone decides it: the one model of `Specify`, or the allow
 * list. Absent: the vendor is asked.
 */
export function listModels(policy: ModelPolicy, owner: string): Buffer | undefined {
  const { specify, defaultModel, allowed } = policy;
  const names = specify && defaultModel !== undefined ? [defaultModel] : allowed && [...allowed];
  if (!names) return undefined;
  const data = names.map((id) => ({ id, object: "model", created: 0, owned_by: owner }));
  return Buffer.from(JSON.stringify({ object: "list", data }));
}

function nameIn(body: Buffer, { start, end }: ModelField): string {
  const text = body.toString("utf8", start, end);
  if (!text.includes("\\")) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    throw bodyRefused("malformed");
  }
}

const PROBLEMS = {
  malformed: "it is not valid JSON",
  not_an_object: "it is another JSON value",
  too_deep: "it is nested too deeply",
};

function bodyRefused(problem: ScanProblem) {
  if (problem === "ambiguous") return refusal("ambiguous_model");
  return refusal("invalid_json", { problem: PROBLEMS[problem] });
}
