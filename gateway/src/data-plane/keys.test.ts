import type { ServedKey, ServedService } from "@modelgateway/schema";
import { KeyRing } from "./keys";
import { key } from "./testing/harness";

const ring = (keys: readonly ServedKey[], modelProvider: ServedService["modelProvider"] = "OpenAI") =>
  new KeyRing({ keys, modelProvider }, "api.example.com");

test("keys are taken in turn", () => {
  const keys = ring([key("one"), key("two"), key("three")]);
  expect([keys.turn(), keys.turn(), keys.turn(), keys.turn()]).toEqual([0, 1, 2, 0]);
});

test.each<[ServedService["modelProvider"], string[]]>([
  ["OpenAI", ["authorization", "Bearer sk-1"]],
  ["DeepSeek", ["authorization", "Bearer sk-1"]],
  ["Google-Gemini", ["authorization", "Bearer sk-1"]],
  ["Custom", ["authorization", "Bearer sk-1"]],
  ["Anthropic", ["x-api-key", "sk-1", "anthropic-version", "2023-06-01"]],
])("%s gets its key in its own form", (provider, headers) => {
  expect(ring([key("sk-1")], provider).credentials).toEqual([headers]);
});

test("without keys none is sent", () => {
  expect(ring([])).toMatchObject({ credentials: [[]], problem: undefined });
  expect(ring([], "Anthropic").credentials).toEqual([["anthropic-version", "2023-06-01"]]);
});

test.each<[string, readonly ServedKey[], number, string | undefined]>([
  ["a key for this host", [key("a", { allowedHosts: ["api.example.com"] })], 1, undefined],
  ["a key for this host among others", [key("a", { allowedHosts: ["x", "API.example.com"] })], 1, undefined],
  ["a key for another host", [key("a", { allowedHosts: ["example.com"] })], 0, "upstream_key_not_allowed"],
  ["one of each", [key("a", { allowedHosts: ["x"] }), key("b")], 1, undefined],
  ["a key without a value", [{ ...key("a"), value: "" }], 0, "upstream_key_unset"],
  ["a key with a line break", [key("a\nb")], 0, "upstream_key_unset"],
])("%s", (_, keys, usable, problem) => {
  expect(ring(keys).credentials).toHaveLength(usable);
  expect(ring(keys).problem).toBe(problem);
});

test("addresses are compared in their canonical form", () => {
  const keys = [key("a", { allowedHosts: ["[0:0::1]"] })];
  expect(new KeyRing({ keys, modelProvider: "OpenAI" }, "[::1]").problem).toBeUndefined();
});
