import { model, type Values } from "@modelgateway/schema";
import { type Change, evaluate, MemoryWorld, nameOf } from ".";
import {
  api,
  BOUND,
  BOUND_BY_OTHER,
  body,
  create,
  key,
  ME,
  remove,
  service,
  update,
  world,
} from "./testing/build";
import { writeOne } from "./testing/engine";

test("names each dependent, its owner and the way out", () => {
  const { judgements, blockers, base } = evaluate(world(BOUND_BY_OTHER), ME, [
    remove("ModelService", "made-1"),
  ]);
  expect(judgements[0]?.diagnostic).toMatchObject({
    summary: "ModelService/deepseek (managed by pulumi:org/shop/dev) is still in use",
    detail:
      "In use by ModelApiBinding/qwen (managed by terraform:team-b). Change or delete it first, where it is declared; then try again.",
  });
  expect(blockers.map(({ dependent, via }) => `${nameOf(base, dependent)} ${via}`)).toEqual(["qwen service"]);
});

test("says which two objects need two steps, why, and what to do", () => {
  const { judgements } = evaluate(world([[ME, "ModelApi", api("old", { basePath: "/x" })]]), ME, [
    remove("ModelApi", "made-1"),
    create("ModelApi", api("new", { basePath: "/x" })),
  ]);
  expect(judgements[0]?.diagnostic.summary).toBe(
    "ModelApi/new and ModelApi/old (managed by pulumi:org/shop/dev) cannot change in one step",
  );
  expect(judgements[0]?.diagnostic.detail).toMatch(
    /^The route POST \/x\/v1\/chat\/completions passes from .*aliases/,
  );
});

test("an unbound API, and a rename that others name, are warnings", () => {
  const { ok, judgements } = evaluate(world(BOUND_BY_OTHER), ME, [
    create("ModelApi", api("lonely")),
    update("ModelService", "made-1", service("renamed")),
  ]);
  expect(ok).toBe(true);
  expect(judgements.map(({ diagnostic }) => diagnostic.code)).toEqual(["api_unbound", "renamed_reference"]);
});

test("kept objects that were deleted elsewhere are warnings, whatever they refer to", () => {
  const keep = (kind: string, id: string, object: Values): Change => ({
    op: "keep",
    kind,
    id,
    object: body(kind, object),
  });
  const { ok, judgements } = evaluate(world([]), ME, [
    keep("ModelService", "made-1", service("deepseek")),
    keep("ModelApiBinding", "made-3", { api: "qwen", service: "deepseek" }),
  ]);
  expect(ok).toBe(true);
  expect(judgements.map(({ diagnostic }) => diagnostic.summary)).toEqual([
    "ModelService/deepseek is gone from the gateway",
    "ModelApiBinding/qwen is gone from the gateway",
  ]);
});

test("a dependent whose reference is not known yet does not block a delete, and leaves the plan undecided", () => {
  const { service: _, ...object } = body("ModelApiBinding", { api: "qwen", service: "deepseek" });
  const { ok, undecided } = evaluate(world(BOUND), ME, [
    { op: "update", kind: "ModelApiBinding", id: "made-3", object, unknown: new Set(["service"]) },
    remove("ModelService", "made-1"),
  ]);
  expect({ ok, undecided }).toEqual({ ok: true, undecided: true });
});

test("a plan of a thousand changes on ten thousand objects is judged in a moment", () => {
  const big = new MemoryWorld(model);
  const put = (kind: string, id: string, fields: Values) =>
    big.put({ kind, id, fields, managedBy: ME.owner, managedAs: id, going: false });
  for (let at = 0; at < 3_334; at++) {
    put("ModelService", `s${at}`, body("ModelService", service(`s${at}`)));
    put("ModelApi", `a${at}`, body("ModelApi", api(`a${at}`)));
    put("ModelApiBinding", `b${at}`, body("ModelApiBinding", { api: `a${at}`, service: `s${at}` }));
  }
  const changes = Array.from({ length: 1_000 }, (_, at) =>
    at % 2
      ? remove("ModelApiBinding", `b${at}`)
      : update("ModelApi", `a${at}`, api(`a${at}`, { basePath: `/n${at}` })),
  );
  const { ok, routes } = evaluate(big, ME, changes);
  expect({ ok, moved: routes.moved.length }).toEqual({ ok: true, moved: 1_000 });
});

test("a replacement that nothing uses lets go of what is being deleted, and cannot refer to it again", () => {
  const objects = world([
    [ME, "ModelKey", key("b")],
    [ME, "ModelService", service("a", { keys: ["b"] })],
  ]);
  writeOne(objects, ME, remove("ModelKey", "made-1"), 9);
  const { judgements } = evaluate(objects, ME, [
    remove("ModelService", "made-2"),
    create("ModelService", service("a", { keys: ["b"] }), { replaces: "made-2" }),
  ]);
  expect(judgements.map(({ diagnostic }) => `${diagnostic.code} ${diagnostic.path}`)).toEqual([
    "going /keys/0",
  ]);
});
