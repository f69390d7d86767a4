import { check, model, nearestName, oneLine } from ".";

const API = { name: "qwen", scene: "TextGeneration", requestProtocol: "OpenAI" };
const SERVICE = {
  name: "s",
  modelProvider: "DeepSeek",
  protocol: "OpenAI/v1",
  upstreamUrl: "https://api.deepseek.com",
};

interface Row {
  readonly what: string;
  readonly kind: string;
  readonly body: unknown;
  /** Each as `code path`. */
  readonly found: readonly string[];
}

const api = (what: string, more: object, ...found: string[]): Row => ({
  what,
  kind: "ModelApi",
  body: { ...API, ...more },
  found,
});
const service = (what: string, more: object, ...found: string[]): Row => ({
  what,
  kind: "ModelService",
  body: { ...SERVICE, ...more },
  found,
});

const ROWS: readonly Row[] = [
  api("the smallest API", {}),
  api("a name in Chinese", { name: "通义-千问" }),
  api("a name of 60 characters", { name: `a${"b".repeat(59)}` }),
  api("a name of 61", { name: `a${"b".repeat(60)}` }, "invalid_field /name"),
  api("a name that begins with a digit", { name: "1a" }, "invalid_field /name"),
  api("a name that begins with a separator", { name: "-a" }, "invalid_field /name"),
  api("a name that ends with a separator", { name: "a_" }, "invalid_field /name"),
  api("an empty name", { name: "" }, "invalid_field /name"),
  api("an unknown scene", { scene: "Chat" }, "invalid_field /scene"),
  api("no routes", { routes: [] }, "invalid_field /routes"),
  api("an unknown route", { routes: ["chat-completions", "chat"] }, "invalid_field /routes/1"),
  api("a base path without slashes", { basePath: "qwen" }),
  api("a base path of 255 characters", { basePath: `/${"a".repeat(254)}` }),
  api("a base path that a slash makes too long", { basePath: "a".repeat(255) }, "invalid_field /basePath"),
  api("a base path with a hidden segment", { basePath: "/.well-known" }, "invalid_field /basePath"),
  api("a base path with a query", { basePath: "/a?b" }, "invalid_field /basePath"),
  api(
    "a credential as a condition",
    { matchHeaders: [{ name: "X-API-Key", value: "a" }] },
    "invalid_field /matchHeaders",
  ),
  api(
    "a condition without its value",
    { matchHeaders: [{ name: "tier" }] },
    "missing_field /matchHeaders/0/value",
  ),
  api("null for a flag", { stripBasePath: null }, "invalid_field /stripBasePath"),
  api("a description of 200 emoji", { description: "🙂".repeat(200) }),
  api("a description of 201 characters", { description: "x".repeat(201) }, "invalid_field /description"),
  api("computed fields, which are ignored", {
    id: 1,
    revision: "x",
    generatedRoutes: null,
    managedBy: [],
    going: 1,
  }),
  api("a misspelt field", { basepath: "/a" }, "unknown_field /basepath"),
  service("the smallest service", {}),
  service("a URL with a user", { upstreamUrl: "https://a:b@c.example" }, "invalid_field /upstreamUrl"),
  service("a URL with a fragment", { upstreamUrl: "https://c.example/#x" }, "invalid_field /upstreamUrl"),
  service("another scheme", { upstreamUrl: "ftp://c.example" }, "invalid_field /upstreamUrl"),
  service(
    "a port that does not exist",
    { upstreamUrl: "http://c.example:70000" },
    "invalid_field /upstreamUrl",
  ),
  service("an IPv6 address with a query", { upstreamUrl: "http://[::1]:8080/v1?api-version=2" }),
  service("Specify without a model", { modelSelector: "Specify" }, "missing_field /defaultModel"),
  service("useDefault without a model", { onDisallowedModel: "useDefault" }, "missing_field /defaultModel"),
  service("a key named twice", { keys: ["k", "k"] }, "invalid_field /keys/1"),
  service("six retries", { retries: 6 }, "invalid_field /retries"),
  service("half a retry", { retries: 0.5 }, "invalid_field /retries"),
  service("a part of the timeouts", { upstreamTimeouts: { readMs: 1 } }),
  service("a misspelt part", { quota: { concurency: 1 } }, "unknown_field /quota/concurency"),
  { what: "a key without a value", kind: "ModelKey", body: { name: "k" }, found: ["missing_field /value"] },
  {
    what: "a key with two values",
    kind: "ModelKey",
    body: { name: "k", value: "12345678", valueFrom: "env:MODELGATEWAY_KEY_A" },
    found: ["invalid_field /valueFrom"],
  },
  {
    what: "a variable of the gateway's own",
    kind: "ModelKey",
    body: { name: "k", valueFrom: "env:MODELGATEWAY_ADMIN_TOKEN" },
    found: ["invalid_field /valueFrom"],
  },
  {
    what: "a binding without ends",
    kind: "ModelApiBinding",
    body: {},
    found: ["missing_field /api", "missing_field /service"],
  },
];

test.each(ROWS)("$kind: $what", ({ kind, body, found }) => {
  const { diagnostics } = check(model.kind(kind), body);
  expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual(found);
});

test("a refusal names the object, the field, what was expected and the nearest name", () => {
  const { diagnostics } = check(model.kind("ModelApi"), { ...API, stripBasepath: true });
  expect(diagnostics.map(oneLine)).toEqual([
    "ModelApi/qwen: there is no field `stripBasepath` (at /stripBasepath). A ModelApi has no such field. Did you mean `stripBasePath`?",
  ]);
});

test("what is not known yet is neither judged nor guessed", () => {
  const { fields, diagnostics } = check(
    model.kind("ModelService"),
    { ...SERVICE, upstreamUrl: undefined, keys: [null, "k"] },
    { unknown: ["/upstreamUrl", "/keys/0"] },
  );
  expect(diagnostics).toEqual([]);
  expect(fields).not.toHaveProperty("upstreamUrl");
  expect(fields).not.toHaveProperty("keys");
  expect(fields).toHaveProperty("retries", 0);
});

test.each([
  ["basePaht", "basePath"],
  ["Description", "description"],
  ["zzz", ""],
])("the nearest name to %s is %s", (given, nearest) => {
  expect(nearestName(given, Object.keys(model.kind("ModelApi").fields))).toBe(nearest);
});
