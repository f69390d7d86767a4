import { MAX_REQUESTS, type MockUpstream, startMockUpstream } from "./server";

let mock: MockUpstream;
beforeEach(async () => {
  mock = await startMockUpstream();
});
afterEach(() => mock.close());

const post = (path: string, body: object | string) =>
  fetch(`${mock.url}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const user = (content: unknown) => ({ role: "user", content });
const GREETING = "Hello from qwen-max. You said: ";

describe("what the user said last", () => {
  test.each<[string, object, string]>([
    ["a text", { messages: [user("Hi")] }, "Hi"],
    [
      "the last of several",
      { messages: [user("One"), { role: "assistant", content: "x" }, user("Two")] },
      "Two",
    ],
    [
      "parts",
      {
        messages: [user([{ type: "text", text: "A " }, { type: "image_url" }, { type: "text", text: "B" }])],
      },
      "A B",
    ],
    ["nothing", { messages: [{ role: "system", content: "x" }] }, ""],
    ["no messages", {}, ""],
  ])("%s", async (_, fields, said) => {
    const answer = await (await post("/v1/chat/completions", { model: "qwen-max", ...fields })).json();
    expect(answer).toMatchObject({
      object: "chat.completion",
      model: "qwen-max",
      choices: [{ message: { role: "assistant", content: `${GREETING}${said}` }, finish_reason: "stop" }],
    });
  });
});

test("equal requests get equal answers", async () => {
  const ask = async () => (await post("/v1/chat/completions", { model: "m", messages: [user("Hi")] })).text();
  expect(await ask()).toBe(await ask());
});

test("a stream says the same in pieces, its usage where asked, and ends with [DONE]", async () => {
  const body = { model: "qwen-max", messages: [user("Good morning")], stream: true };
  const events = async (fields: object) => {
    const response = await post("/v1/chat/completions", { ...body, ...fields });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    return (await response.text())
      .trim()
      .split("\n\n")
      .map((line) => line.replace("data: ", ""));
  };
  const plain = await events({});
  expect(plain.pop()).toBe("[DONE]");
  const chunks = plain.map((text) => JSON.parse(text) as { choices: { delta: { content?: string } }[] });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(
    `${GREETING}Good morning`,
  );
  expect(await events({ stream_options: { include_usage: true } })).toHaveLength(plain.length + 2);
});

test("the other endpoints", async () => {
  const completion = await (await post("/v1/completions", { model: "qwen-max", prompt: "Hi" })).json();
  expect(completion).toMatchObject({ choices: [{ text: `${GREETING}Hi` }] });
  const streamed = await (await post("/v1/completions", { model: "m", prompt: "Hi", stream: true })).text();
  expect(streamed).toMatch(/data: \[DONE\]\n\n$/);
  const response = await (await post("/v1/responses", { model: "qwen-max", input: [user("Hi")] })).json();
  expect(response).toMatchObject({ output: [{ content: [{ text: `${GREETING}Hi` }] }] });
  const models = await (await fetch(`${mock.url}/v1/models?a=1`)).json();
  expect(models).toMatchObject({
    object: "list",
    data: expect.arrayContaining([
      { id: "qwen-max", object: "model", created: expect.any(Number), owned_by: "mock-upstream" },
    ]),
  });
});

test.each<[string, string, object | string, number, string]>([
  ["another path", "/qwen/v1/chat/completions", {}, 404, "unknown_url"],
  ["a path that every object has", "/constructor", {}, 404, "unknown_url"],
  ["no JSON", "/v1/chat/completions", "{", 400, "invalid_json"],
  ["no model", "/v1/chat/completions", {}, 400, "missing_model"],
])("%s: an error in OpenAI's shape", async (_, path, body, status, code) => {
  const response = await post(path, body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { message: expect.any(String), code } });
});

test("what it received can be looked up, the latest of it", async () => {
  await post("/v1/x?a=1", { b: 2 });
  expect(mock.requests).toMatchObject([{ method: "POST", url: "/v1/x?a=1", body: '{"b":2}' }]);
  expect(MAX_REQUESTS).toBeGreaterThan(100);
});
