import fc from "fast-check";
import { check, derive, equal, ModelApi, ModelService, normalise } from ".";

const API = { name: "qwen", scene: "TextGeneration", requestProtocol: "OpenAI" };

test.each([
  ["", ""],
  ["/", ""],
  ["qwen", "/qwen"],
  ["/qwen", "/qwen"],
  ["qwen/", "/qwen"],
  ["/team/Qwen/", "/team/Qwen"],
])("the base path `%s` is `%s`", (given, normal) => {
  expect(normalise(ModelApi, { ...API, basePath: given }).basePath).toBe(normal);
});

const apis = fc.record(
  {
    name: fc.constant("a"),
    scene: fc.constant("TextGeneration"),
    requestProtocol: fc.constant("OpenAI"),
    basePath: fc.constantFrom("", "/", "x", "/x", "x/y/"),
    routes: fc.uniqueArray(fc.constantFrom("chat-completions", "completions", "models"), { minLength: 1 }),
    matchHeaders: fc.array(
      fc.record({ name: fc.constantFrom("Tier", "tier", "X-Team"), value: fc.constantFrom("a", "b") }),
      { maxLength: 3 },
    ),
    stripBasePath: fc.boolean(),
  },
  { requiredKeys: ["name", "scene", "requestProtocol"] },
);

test("a normal form is its own normal form", () => {
  fc.assert(
    fc.property(apis, (api) => {
      const normal = normalise(ModelApi, api);
      expect(normalise(ModelApi, normal)).toEqual(normal);
      expect(check(ModelApi, normal).diagnostics).toEqual([]);
    }),
  );
});

test("the order of a set, and what stands in it twice, make no difference", () => {
  fc.assert(
    fc.property(apis, (api) => {
      const { routes = ["chat-completions"], matchHeaders = [] } = api;
      const other = {
        ...api,
        routes: [...routes].reverse(),
        matchHeaders: [...matchHeaders, ...matchHeaders].reverse(),
      };
      expect(equal(normalise(ModelApi, api), normalise(ModelApi, other))).toBe(true);
    }),
  );
});

test("the order of a list does", () => {
  const service = {
    name: "s",
    modelProvider: "Custom",
    protocol: "OpenAI/v1",
    upstreamUrl: "https://a.example",
  };
  const [one, two] = [
    ["a", "b"],
    ["b", "a"],
  ].map((keys) => normalise(ModelService, { ...service, keys }));
  expect(equal(one, two)).toBe(false);
});

test.each([
  [{ basePath: "/qwen" }, [["/qwen/v1/chat/completions", "/qwen/v1/chat/completions"]]],
  [{ basePath: "/qwen", stripBasePath: true }, [["/qwen/v1/chat/completions", "/v1/chat/completions"]]],
  [
    { routes: ["models", "completions"] },
    [
      ["/v1/completions", "/v1/completions"],
      ["/v1/models", "/v1/models"],
    ],
  ],
])("%j generates %j", (more, routes) => {
  const { generatedRoutes } = derive(ModelApi, normalise(ModelApi, { ...API, ...more })) as {
    generatedRoutes: { path: string; forwardedPath: string }[];
  };
  expect(generatedRoutes.map(({ path, forwardedPath }) => [path, forwardedPath])).toEqual(routes);
});

test("routes are not guessed while the base path is not known", () => {
  expect(derive(ModelApi, normalise(ModelApi, API, new Set(["basePath"])))).toEqual({});
});
