import { check, model, type Values } from "@modelgateway/schema";
import { type Caller, type Change, evaluate, MemoryWorld, nameOf } from ".";
import { writeOne } from "./testing/engine";

const ME: Caller = { owner: "pulumi:org/shop/dev" };
const OTHER: Caller = { owner: "terraform:team-b" };
const NOBODY: Caller = { owner: "" };

const api = (name: string, more: Values = {}) => ({
  name,
  scene: "TextGeneration",
  requestProtocol: "OpenAI",
  basePath: `/${name}`,
  ...more,
});
const service = (name: string, more: Values = {}) => ({
  name,
  modelProvider: "Custom",
  protocol: "OpenAI/v1",
  upstreamUrl: "https://one.example",
  ...more,
});
const key = (name: string, more: Values = {}) => ({ name, valueFrom: "env:MODELGATEWAY_KEY_A", ...more });
const TWO_ROUTES = { routes: ["chat-completions", "completions"] };

const body = (kind: string, object: Values) => check(model.kind(kind), object).fields;

/** Objects that a caller has made, one after the other; their ids are their places: `id-1`, `id-2`. */
type Made = readonly [caller: Caller, kind: string, object: Values];

function world(objects: readonly Made[]): MemoryWorld {
  const made = new MemoryWorld(model);
  for (const [at, [caller, kind, object]] of objects.entries()) {
    const change: Change = { op: "create", kind, object: body(kind, object), managedAs: `old-${at + 1}` };
    const refused = writeOne(made, caller, change, at + 1);
    if (refused !== undefined) throw new Error(`the world breaks a rule: ${refused}`);
  }
  return made;
}

const create = (kind: string, object: Values, more: Partial<Change & { op: "create" }> = {}): Change => ({
  op: "create",
  kind,
  object: body(kind, object),
  ...more,
});
const update = (
  kind: string,
  id: string,
  object: Values,
  more: Partial<Change & { op: "update" }> = {},
): Change => ({ op: "update", kind, id, object: body(kind, object), ...more });
const remove = (kind: string, id: string, more: Partial<Change & { op: "delete" }> = {}): Change => ({
  op: "delete",
  kind,
  id,
  ...more,
});

interface Row {
  readonly what: string;
  readonly world?: readonly Made[];
  readonly caller?: Caller;
  readonly changes: readonly Change[];
  /** Each as `code place path`; empty: the plan is ok. Warnings are left out. */
  readonly errors: readonly string[];
}

const BOUND: readonly Made[] = [
  [ME, "ModelService", service("deepseek")],
  [ME, "ModelApi", api("qwen")],
  [ME, "ModelApiBinding", { api: "qwen", service: "deepseek" }],
];
const BOUND_BY_OTHER: readonly Made[] = [
  ...BOUND.slice(0, 2),
  [OTHER, "ModelApiBinding", { api: "qwen", service: "deepseek" }],
];
const BOUND_BY_NOBODY: readonly Made[] = [
  ...BOUND.slice(0, 2),
  [NOBODY, "ModelApiBinding", { api: "qwen", service: "deepseek" }],
];

const ROWS: readonly Row[] = [
  // Names.
  { what: "a name that is free", changes: [create("ModelKey", key("a"))], errors: [] },
  {
    what: "a name that is taken",
    world: [[OTHER, "ModelKey", key("a")]],
    changes: [create("ModelKey", key("a"))],
    errors: ["name_taken 0 /name"],
  },
  {
    what: "one name for two creates",
    changes: [create("ModelKey", key("a")), create("ModelKey", key("a"))],
    errors: ["name_taken 1 /name"],
  },
  {
    what: "a name that passes from a deleted object",
    world: [[ME, "ModelKey", key("a")]],
    changes: [remove("ModelKey", "made-1"), create("ModelKey", key("a"))],
    errors: ["needs_two_steps 1 /name"],
  },
  {
    what: "a name that passes from a renamed object",
    world: [[ME, "ModelKey", key("a")]],
    changes: [update("ModelKey", "made-1", key("b")), create("ModelKey", key("a"))],
    errors: ["needs_two_steps 1 /name"],
  },
  {
    what: "two objects that swap their names",
    world: [
      [ME, "ModelKey", key("a")],
      [ME, "ModelKey", key("b")],
    ],
    changes: [update("ModelKey", "made-1", key("b")), update("ModelKey", "made-2", key("a"))],
    errors: ["needs_two_steps 1 /name"],
  },
  {
    what: "a replacement under the same name",
    world: [[ME, "ModelKey", key("a")]],
    changes: [remove("ModelKey", "made-1"), create("ModelKey", key("a"), { replaces: "made-1" })],
    errors: [],
  },
  {
    what: "the same create once more",
    world: [[ME, "ModelKey", key("a")]],
    changes: [create("ModelKey", key("a"), { managedAs: "old-1" })],
    errors: [],
  },
  {
    what: "an adoption of what nobody owns",
    world: [[NOBODY, "ModelKey", key("a")]],
    changes: [create("ModelKey", key("a"), { adopt: true })],
    errors: [],
  },
  {
    what: "an adoption of what another owns",
    world: [[OTHER, "ModelKey", key("a")]],
    changes: [create("ModelKey", key("a"), { adopt: true })],
    errors: ["name_taken 0 /name"],
  },
  {
    what: "a forced adoption",
    world: [[OTHER, "ModelKey", key("a")]],
    changes: [create("ModelKey", key("a"), { adopt: "force" })],
    errors: [],
  },
  // Routes.
  {
    what: "a path that another API serves",
    world: [[ME, "ModelApi", api("a")]],
    changes: [create("ModelApi", api("b", { basePath: "/a" }))],
    errors: ["route_taken 0 /basePath"],
  },
  {
    what: "one path under conditions that exclude each other",
    world: [[ME, "ModelApi", api("a", { matchHeaders: [{ name: "tier", value: "gold" }] })]],
    changes: [
      create("ModelApi", api("b", { basePath: "/a", matchHeaders: [{ name: "Tier", value: "tin" }] })),
    ],
    errors: [],
  },
  {
    what: "one path under conditions that do not",
    world: [[ME, "ModelApi", api("a", { matchHeaders: [{ name: "tier", value: "gold" }] })]],
    changes: [
      create("ModelApi", api("b", { basePath: "/a", matchHeaders: [{ name: "team", value: "gold" }] })),
    ],
    errors: ["route_taken 0 /basePath"],
  },
  {
    what: "two APIs that swap their paths",
    world: [
      [ME, "ModelApi", api("a")],
      [ME, "ModelApi", api("b")],
    ],
    changes: [
      update("ModelApi", "made-1", api("a", { basePath: "/b" })),
      update("ModelApi", "made-2", api("b", { basePath: "/a" })),
    ],
    errors: ["needs_two_steps 1 /basePath"],
  },
  // References.
  {
    what: "a reference to what the plan creates",
    changes: [create("ModelService", service("s", { keys: ["k"] })), create("ModelKey", key("k"))],
    errors: [],
  },
  {
    what: "a reference to nothing",
    changes: [create("ModelService", service("s", { keys: ["k", "nope"] })), create("ModelKey", key("k"))],
    errors: ["reference_missing 0 /keys/1"],
  },
  {
    what: "a reference that follows a rename",
    world: BOUND,
    changes: [
      update("ModelService", "made-1", service("new")),
      update("ModelApiBinding", "made-3", { api: "qwen", service: "new" }),
    ],
    errors: [],
  },
  {
    what: "a reference that names the old name",
    world: BOUND,
    changes: [
      update("ModelService", "made-1", service("new")),
      update("ModelApiBinding", "made-3", { api: "qwen", service: "deepseek" }),
    ],
    errors: ["needs_two_steps 1 /service"],
  },
  {
    what: "a kept object that names the old name",
    world: BOUND,
    changes: [
      update("ModelService", "made-1", service("new")),
      {
        op: "keep",
        kind: "ModelApiBinding",
        id: "made-3",
        object: body("ModelApiBinding", { api: "qwen", service: "deepseek" }),
      },
    ],
    errors: ["reference_missing 1 /service"],
  },
  // Bindings.
  {
    what: "an API bound twice",
    world: BOUND,
    changes: [create("ModelApiBinding", { api: "qwen", service: "deepseek" })],
    errors: ["already_bound 0 /api"],
  },
  {
    what: "a rebind in place",
    world: [...BOUND, [ME, "ModelService", service("spare")]],
    changes: [update("ModelApiBinding", "made-3", { api: "qwen", service: "spare" })],
    errors: [],
  },
  {
    what: "a rebind to a spare and the delete of the old service",
    world: [...BOUND, [ME, "ModelService", service("spare")]],
    changes: [
      update("ModelApiBinding", "made-3", { api: "qwen", service: "spare" }),
      remove("ModelService", "made-1"),
    ],
    errors: [],
  },
  {
    what: "the same where the binding is nobody's",
    world: [...BOUND_BY_NOBODY, [ME, "ModelService", service("spare")]],
    changes: [
      update("ModelApiBinding", "made-3", { api: "qwen", service: "spare" }),
      remove("ModelService", "made-1"),
    ],
    errors: ["needs_two_steps 1 "],
  },
  // Deletes.
  {
    what: "a service and its binding deleted together",
    world: BOUND,
    changes: [remove("ModelService", "made-1"), remove("ModelApiBinding", "made-3")],
    errors: [],
  },
  {
    what: "a service that the own binding still uses",
    world: BOUND,
    changes: [remove("ModelService", "made-1")],
    errors: ["has_dependents 0 "],
  },
  {
    what: "a service that another's binding uses",
    world: BOUND_BY_OTHER,
    changes: [remove("ModelService", "made-1")],
    errors: ["has_dependents 0 "],
  },
  {
    what: "an API with a binding of nobody's",
    world: BOUND_BY_NOBODY,
    changes: [remove("ModelApi", "made-2")],
    errors: [],
  },
  {
    what: "an API with a binding that has an owner",
    world: BOUND_BY_OTHER,
    changes: [remove("ModelApi", "made-2")],
    errors: ["has_dependents 0 "],
  },
  {
    what: "an API and the service of its binding, which only cascades",
    world: BOUND_BY_NOBODY,
    changes: [remove("ModelApi", "made-2"), remove("ModelService", "made-1")],
    errors: ["needs_two_steps 1 "],
  },
  {
    what: "a forced replacement of a service in use by one's own",
    world: BOUND,
    changes: [
      remove("ModelService", "made-1"),
      create("ModelService", service("deepseek"), { replaces: "made-1" }),
    ],
    errors: [],
  },
  {
    what: "a forced replacement of a service in use by another's",
    world: BOUND_BY_OTHER,
    changes: [
      remove("ModelService", "made-1"),
      create("ModelService", service("deepseek"), { replaces: "made-1" }),
    ],
    errors: ["has_dependents 0 "],
  },
  {
    what: "a protected API",
    world: [[ME, "ModelApi", api("a", { deletionProtection: true })]],
    changes: [remove("ModelApi", "made-1")],
    errors: ["deletion_protected 0 "],
  },
  {
    what: "a confirmation that names another service",
    world: BOUND,
    changes: [remove("ModelApiBinding", "made-3", { expect: { service: "other" } })],
    errors: ["confirmation_mismatch 0 "],
  },
  {
    what: "a confirmation by id",
    world: BOUND,
    changes: [remove("ModelApiBinding", "made-3", { expect: { service: "made-1" } })],
    errors: [],
  },
  { what: "a delete of what is gone", changes: [remove("ModelKey", "made-1")], errors: [] },
  // Owners.
  {
    what: "an update of another's object",
    world: [[OTHER, "ModelKey", key("a")]],
    changes: [update("ModelKey", "made-1", key("a"))],
    errors: ["managed_by_other 0 "],
  },
  {
    what: "a takeover from anybody",
    world: [[OTHER, "ModelKey", key("a")]],
    changes: [update("ModelKey", "made-1", key("a"), { takeOver: true })],
    errors: [],
  },
  {
    what: "a takeover from the wrong owner",
    world: [[OTHER, "ModelKey", key("a")]],
    changes: [update("ModelKey", "made-1", key("a"), { takeOver: "pulumi:o/p/s" })],
    errors: ["managed_by_other 0 "],
  },
  {
    what: "an edit by a human",
    world: [[OTHER, "ModelKey", key("a")]],
    caller: NOBODY,
    changes: [update("ModelKey", "made-1", key("a"))],
    errors: [],
  },
  {
    what: "an update of what is gone",
    changes: [update("ModelKey", "made-1", key("a"))],
    errors: ["gone 0 "],
  },
  {
    what: "two changes of one object",
    world: [[ME, "ModelKey", key("a")]],
    changes: [update("ModelKey", "made-1", key("a")), remove("ModelKey", "made-1")],
    errors: ["duplicate_change 1 "],
  },
  // Rules that join several objects.
  {
    what: "a FixedPath service for an API with two routes",
    world: [
      [ME, "ModelService", service("s", { upstreamUrlMode: "FixedPath" })],
      [ME, "ModelApi", api("a", TWO_ROUTES)],
    ],
    changes: [create("ModelApiBinding", { api: "a", service: "s" })],
    errors: ["fixed_path_routes 0 /service"],
  },
  {
    what: "fewer routes and FixedPath in one step",
    world: [
      [ME, "ModelService", service("s")],
      [ME, "ModelApi", api("a", TWO_ROUTES)],
      [ME, "ModelApiBinding", { api: "a", service: "s" }],
    ],
    changes: [
      update("ModelApi", "made-2", api("a")),
      update("ModelService", "made-1", service("s", { upstreamUrlMode: "FixedPath" })),
    ],
    errors: ["needs_two_steps 1 /upstreamUrlMode"],
  },
  {
    what: "a key sent to a host that it is not for",
    world: [[ME, "ModelKey", key("k", { allowedHosts: ["two.example"] })]],
    changes: [create("ModelService", service("s", { keys: ["k"] }))],
    errors: ["host_not_allowed 0 /keys"],
  },
  {
    what: "a service that falls back to itself",
    changes: [create("ModelService", service("s", { fallbackServices: ["s"] }))],
    errors: ["fallback_loop 0 /fallbackServices"],
  },
  {
    what: "services that fall back to each other",
    world: [
      [ME, "ModelService", service("a")],
      [ME, "ModelService", service("b", { fallbackServices: ["a"] })],
    ],
    changes: [update("ModelService", "made-1", service("a", { fallbackServices: ["b"] }))],
    errors: ["fallback_loop 0 /fallbackServices"],
  },
  {
    what: "a fallback that turns round",
    world: [
      [ME, "ModelService", service("a")],
      [ME, "ModelService", service("b", { fallbackServices: ["a"] })],
    ],
    changes: [
      update("ModelService", "made-1", service("a", { fallbackServices: ["b"] })),
      update("ModelService", "made-2", service("b")),
    ],
    errors: ["needs_two_steps 0 /fallbackServices"],
  },
];

test.each(ROWS)("$what", ({ world: objects = [], caller = ME, changes, errors }) => {
  const { ok, judgements } = evaluate(world(objects), caller, changes);
  const found = judgements
    .filter(({ diagnostic }) => diagnostic.severity === "error")
    .map(({ index, diagnostic }) => `${diagnostic.code} ${index} ${diagnostic.path}`);
  expect(found).toEqual(errors);
  expect(ok).toBe(errors.length === 0);
});

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
