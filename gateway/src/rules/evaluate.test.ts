import { type Caller, type Change, evaluate } from ".";
import {
  api,
  BOUND,
  BOUND_BY_NOBODY,
  BOUND_BY_OTHER,
  body,
  create,
  key,
  type Made,
  ME,
  NOBODY,
  OTHER,
  remove,
  service,
  TWO_ROUTES,
  update,
  world,
} from "./testing/build";

interface Row {
  readonly what: string;
  readonly world?: readonly Made[];
  readonly caller?: Caller;
  readonly changes: readonly Change[];
  /** Each as `code place path`; empty: the plan is ok. Warnings are left out. */
  readonly errors: readonly string[];
}

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
