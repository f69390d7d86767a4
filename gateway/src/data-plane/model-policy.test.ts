import type { ServedService } from "@modelgateway/schema";
import { Refusal } from "./errors";
import { applyModelPolicy, compileModelPolicy, listModels } from "./model-policy";
import { RequestBody } from "./request-body";
import { service } from "./testing/harness";

const policyOf = (given: Partial<ServedService>) => compileModelPolicy(service("http://127.0.0.1", given));

/** What becomes of a body: the new one, or the error's code. */
function outcomeOf(given: Partial<ServedService>, text: string): string {
  const bytes = Buffer.from(text);
  const body = new RequestBody([bytes], bytes.length);
  try {
    applyModelPolicy(policyOf(given), body);
    return body.bytes.toString();
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.code}`;
    throw error;
  }
}

const SPECIFY = { modelSelector: "Specify", defaultModel: "d" } as const;
const LIST = { allowedModels: ["a", "d"] };
const REWRITES = {
  modelRewrites: [
    { from: "a", to: "A" },
    { from: "a", to: "late" },
    { from: "A", to: "chained" },
  ],
};

test.each<[string, Partial<ServedService>, string, string]>([
  ["the client's model passes", {}, '{"model":"x"}', '{"model":"x"}'],
  ["without a model: 400", {}, '{"a":1}', "400 model_required"],
  ["null is no model", {}, '{"model":null}', "400 model_required"],
  ["without a model: the default", { defaultModel: "d" }, '{"a":1}', '{"model":"d","a":1}'],
  ["in an empty object: the default", { defaultModel: "d" }, "{ }", '{"model":"d" }'],
  ["for null: the default", { defaultModel: "d" }, '{"model": null}', '{"model": "d"}'],
  ["a default replaces nothing", { defaultModel: "d" }, '{"model":"x"}', '{"model":"x"}'],
  [
    "Specify replaces",
    SPECIFY,
    '{"n":12345678901234567890, "model" : "x"}',
    '{"n":12345678901234567890, "model" : "d"}',
  ],
  ["Specify ignores the allow list", { ...SPECIFY, allowedModels: ["a"] }, '{"model":"x"}', '{"model":"d"}'],
  ["Specify inserts", SPECIFY, "{}", '{"model":"d"}'],
  ["a listed model passes", LIST, '{"model":"a"}', '{"model":"a"}'],
  ["a listed model passes in escapes", LIST, '{"model":"\\u0061"}', '{"model":"\\u0061"}'],
  ["another: 404", LIST, '{"model":"x"}', "404 model_not_found"],
  ["names are case-sensitive", LIST, '{"model":"A"}', "404 model_not_found"],
  [
    "another: the default",
    { ...LIST, onDisallowedModel: "useDefault", defaultModel: "d" },
    '{"model":"x"}',
    '{"model":"d"}',
  ],
  [
    "rejected although there is a default",
    { ...LIST, defaultModel: "d" },
    '{"model":"x"}',
    "404 model_not_found",
  ],
  ["rewritten by the first rule, once", REWRITES, '{"model":"a"}', '{"model":"A"}'],
  ["checked before it is rewritten", { ...LIST, ...REWRITES }, '{"model":"A"}', "404 model_not_found"],
  ["the default is rewritten too", { defaultModel: "a", ...REWRITES }, "{}", '{"model":"A"}'],
  ["the specified one too", { ...SPECIFY, defaultModel: "a", ...REWRITES }, '{"model":"x"}', '{"model":"A"}'],
  ["a name of any script", { defaultModel: "模型/ü:1" }, '{"x":"é"}', '{"model":"模型/ü:1","x":"é"}'],
  ["a number: 400", SPECIFY, '{"model":1}', "400 invalid_model"],
  ["a bad escape in the name: 400", {}, '{"model":"\\x"}', "400 invalid_json"],
  ["two models: 400, whatever the policy", SPECIFY, '{"model":"a","model":"b"}', "400 ambiguous_model"],
  ["no object: 400", SPECIFY, "[]", "400 invalid_json"],
  ["no JSON: 400", SPECIFY, "model=a", "400 invalid_json"],
])("%s", (_, given, body, expected) => {
  expect(outcomeOf(given, body)).toBe(expected);
});

test("a very long name is not echoed whole", () => {
  const body = Buffer.from(JSON.stringify({ model: "x".repeat(100_000) }));
  expect.assertions(1);
  try {
    applyModelPolicy(policyOf(LIST), new RequestBody([body], body.length));
  } catch (error) {
    expect((error as Refusal).json.length).toBeLessThan(400);
  }
});

test.each<[string, Partial<ServedService>, readonly string[] | undefined]>([
  ["the specified model", SPECIFY, ["d"]],
  ["the specified model, whatever the list", { ...SPECIFY, ...LIST }, ["d"]],
  ["the allow list", LIST, ["a", "d"]],
  ["the vendor's own", { defaultModel: "d", ...REWRITES }, undefined],
])("the model list is %s", (_, given, expected) => {
  const list = listModels(policyOf(given), "DeepSeek");
  const data = list && (JSON.parse(list.toString()) as { data: { id: string }[] }).data;
  expect(data?.map(({ id }) => id)).toEqual(expected);
});
