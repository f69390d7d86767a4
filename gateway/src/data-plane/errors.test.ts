import { readdirSync, readFileSync } from "node:fs";
import { ERROR_CODES, refusal } from "./errors";

const texts = readdirSync(__dirname)
  .filter((file) => file.endsWith(".test.ts") && file !== "errors.test.ts")
  .map((file) => readFileSync(`${__dirname}/${file}`, "utf8"));

/** No request may lead to it. */
const UNREACHABLE = "internal_error";

test.each(ERROR_CODES.filter((code) => code !== UNREACHABLE))("%s is reached by a test", (code) => {
  expect(texts.some((text) => text.includes(code))).toBe(true);
});

test("an error has OpenAI's four members, and says where a retry is hopeless", () => {
  const { status, headers, json } = refusal("model_not_found", { model: 'a"b' });
  expect(status).toBe(404);
  expect(headers).toEqual(["content-type", "application/json", "x-should-retry", "false"]);
  expect(JSON.parse(json)).toEqual({
    error: {
      message: 'The model `a"b` does not exist or is not allowed here.',
      type: "invalid_request_error",
      param: "model",
      code: "model_not_found",
    },
  });
  expect(refusal("gateway_busy").headers).toEqual(["content-type", "application/json", "retry-after", "1"]);
});
