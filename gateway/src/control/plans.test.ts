import { startTestGateway, type TestGateway } from "./testing/gateway";

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
  await gateway.call("POST", "/v1/model-services", SERVICE, ME);
  await gateway.call("POST", "/v1/model-apis", API, ME);
});
afterEach(() => gateway.close());

const ME = { "x-managed-by": "pulumi:o/p/me" };
const OTHER = { "x-managed-by": "pulumi:o/p/other" };
const SERVICE = {
  name: "deepseek",
  modelProvider: "DeepSeek",
  protocol: "OpenAI/v1",
  upstreamUrl: "https://api.deepseek.com",
};
const API = { name: "qwen", scene: "TextGeneration", requestProtocol: "OpenAI", basePath: "/qwen" };

const plan = async (body: unknown) => (await gateway.call("POST", "/v1/plans", body, ME)).body;
const idOf = async (path: string) => (await gateway.call("GET", path)).body.id;

test("shows the routes that a create will make", async () => {
  const object = { ...API, name: "second", basePath: "second/", stripBasePath: true };
  const answer = await plan({
    changes: [
      { op: "create", kind: "ModelApi", object },
      { op: "create", kind: "ModelApiBinding", object: { api: "second", service: "deepseek" } },
    ],
  });
  expect(answer).toMatchObject({
    ok: true,
    undecided: false,
    diagnostics: [],
    changes: [
      { index: 0, action: "create", name: "second" },
      { index: 1, action: "create", name: "second" },
    ],
    routes: {
      added: [
        {
          api: "second",
          service: "deepseek",
          path: "/second/v1/chat/completions",
          forwardedPath: "/v1/chat/completions",
        },
      ],
      moved: [],
      removed: [],
    },
  });
  expect(answer.routes.added[0].id).toBeUndefined();
});

test("shows the old path and the new one when a base path changes", async () => {
  const id = await idOf("/v1/model-apis/qwen");
  const answer = await plan({
    changes: [{ op: "update", kind: "ModelApi", id, object: { ...API, basePath: "/v2" } }],
  });
  expect(answer.routes.moved).toMatchObject([
    {
      id: `${id}.chat-completions`,
      from: { path: "/qwen/v1/chat/completions" },
      to: { path: "/v2/v1/chat/completions" },
    },
  ]);
});

test("refuses a delete that another owner's object depends on, and names it", async () => {
  await gateway.call("POST", "/v1/model-api-bindings", { api: "qwen", service: "deepseek" }, OTHER);
  const id = await idOf("/v1/model-services/deepseek");
  const answer = await plan({ changes: [{ op: "delete", kind: "ModelService", id }] });
  expect(answer).toMatchObject({
    ok: false,
    diagnostics: [
      { code: "has_dependents", path: "/changes/0", detail: expect.stringContaining("pulumi:o/p/other") },
    ],
    blockers: [
      {
        target: { kind: "ModelService", id, name: "deepseek" },
        dependent: { kind: "ModelApiBinding", name: "qwen", managedBy: "pulumi:o/p/other" },
        via: "service",
      },
    ],
  });
});

test("judges every owned object that no change names as a delete", async () => {
  await gateway.call("POST", "/v1/model-api-bindings", { api: "qwen", service: "deepseek" }, OTHER);
  const answer = await plan({ changes: [], owned: true });
  expect(answer.ok).toBe(false);
  expect(answer.changes).toMatchObject([
    { cause: "owned", action: "delete" },
    { cause: "owned", action: "delete" },
  ]);
  expect(answer.diagnostics.map(({ code }: { code: string }) => code)).toEqual([
    "has_dependents",
    "has_dependents",
  ]);
});

interface Row {
  readonly what: string;
  readonly changes: readonly unknown[];
  readonly errors: readonly { code: string; path: string }[];
}

const ROWS: readonly Row[] = [
  {
    what: "a name that is taken",
    changes: [{ op: "create", kind: "ModelService", object: SERVICE }],
    errors: [{ code: "name_taken", path: "/changes/0/object/name" }],
  },
  {
    what: "a path that another API serves",
    changes: [{ op: "create", kind: "ModelApi", object: { ...API, name: "b" } }],
    errors: [{ code: "route_taken", path: "/changes/0/object/basePath" }],
  },
  {
    what: "a service that does not exist",
    changes: [{ op: "create", kind: "ModelApiBinding", object: { api: "qwen", service: "nope" } }],
    errors: [{ code: "reference_missing", path: "/changes/0/object/service" }],
  },
  {
    what: "an API bound twice",
    changes: [0, 1].map(() => ({
      op: "create",
      kind: "ModelApiBinding",
      object: { api: "qwen", service: "deepseek" },
    })),
    errors: [{ code: "already_bound", path: "/changes/1/object/api" }],
  },
  {
    what: "an object that its schema refuses",
    changes: [{ op: "create", kind: "ModelApi", object: { ...API, name: "b", basePath: "/a/../b" } }],
    errors: [{ code: "invalid_field", path: "/changes/0/object/basePath" }],
  },
  {
    what: "an update of something gone",
    changes: [{ op: "update", kind: "ModelApi", id: "0".repeat(32), object: API }],
    errors: [{ code: "gone", path: "/changes/0/object" }],
  },
];

test.each(ROWS)("refuses $what", async ({ changes, errors }) => {
  const answer = await plan({ changes });
  expect(answer.ok).toBe(false);
  const found = answer.diagnostics.filter(({ severity }: { severity: string }) => severity === "error");
  expect(found.map(({ code, path }: { code: string; path: string }) => ({ code, path }))).toEqual(errors);
});

test("what depends on a refused create is not refused for it", async () => {
  const service = { ...SERVICE, name: "broken", retries: 99 };
  const answer = await plan({
    changes: [
      { op: "create", kind: "ModelService", object: service },
      { op: "create", kind: "ModelApiBinding", object: { api: "qwen", service: "broken" } },
    ],
  });
  const errors = answer.diagnostics.filter(({ severity }: { severity: string }) => severity === "error");
  expect(errors).toMatchObject([{ code: "invalid_field", path: "/changes/0/object/retries" }]);
});

test("a value that is not known yet makes the plan undecided, not refused", async () => {
  const { upstreamUrl: _, ...object } = { ...SERVICE, name: "later" };
  const answer = await plan({
    changes: [{ op: "create", kind: "ModelService", object, unknown: ["/upstreamUrl"] }],
  });
  expect(answer).toMatchObject({
    ok: true,
    undecided: true,
    diagnostics: [{ code: "undecided", severity: "warning" }],
  });
});

test("a key's value counts as present", async () => {
  const answer = await plan({
    changes: [
      { op: "create", kind: "ModelKey", object: { name: "k" } },
      { op: "create", kind: "ModelKey", object: { name: "e", valueFrom: "env:MODELGATEWAY_KEY_E" } },
    ],
  });
  expect(answer).toMatchObject({ ok: true, diagnostics: [] });
});

test("a kept object that was changed elsewhere, or is gone, is a warning", async () => {
  const id = await idOf("/v1/model-apis/qwen");
  const answer = await plan({
    changes: [
      { op: "keep", kind: "ModelApi", id, object: { ...API, basePath: "/other" } },
      { op: "keep", kind: "ModelApi", id: "0".repeat(32) },
    ],
  });
  expect(answer.ok).toBe(true);
  expect(answer.diagnostics.map(({ code }: { code: string }) => code).sort()).toEqual([
    "api_unbound",
    "drifted",
    "kept_gone",
  ]);
});

test("a plan writes nothing", async () => {
  const before = gateway.ledger.revision;
  await plan({ changes: [{ op: "create", kind: "ModelService", object: { ...SERVICE, name: "new" } }] });
  expect(gateway.ledger.revision).toBe(before);
});
