import OpenAI, { type APIError } from "openai";
import { type MockUpstream, startMockUpstream } from "../mock-upstream/server";
import {
  api,
  endAfterEach,
  key,
  type RunningPlane,
  service,
  startPlane,
  startRawUpstream,
} from "./testing/harness";

endAfterEach();

let upstream: MockUpstream;
beforeAll(async () => {
  upstream = await startMockUpstream();
});
afterAll(() => upstream.close());

const ROUTES = (["chat/completions", "completions", "responses"] as const)
  .map((name) => ({ method: "POST", path: `/qwen/v1/${name}`, forwardedPath: `/v1/${name}` }))
  .concat({ method: "GET", path: "/qwen/v1/models", forwardedPath: "/v1/models" });

const SERVICE = { keys: [key("sk-vendor")], modelRewrites: [{ from: "fast", to: "deepseek-chat" }] };
const start = () => startPlane([service(upstream.url, SERVICE)], { apis: [api({ routes: ROUTES })] });
const clientOf = ({ url }: RunningPlane, maxRetries = 0) =>
  new OpenAI({ baseURL: `${url}/qwen/v1`, apiKey: "sk-client", maxRetries });

const CHAT = { model: "fast", messages: [{ role: "user" as const, content: "Good morning" }] };
const GREETING = "Hello from deepseek-chat. You said: Good morning";

test("a chat", async () => {
  const { choices, model } = await clientOf(await start()).chat.completions.create(CHAT);
  expect([model, choices[0]?.message.content]).toEqual(["deepseek-chat", GREETING]);
  expect(upstream.requests.at(-1)?.headers.authorization).toBe("Bearer sk-vendor");
});

test("a streamed chat", async () => {
  const stream = await clientOf(await start()).chat.completions.create({ ...CHAT, stream: true });
  const pieces: string[] = [];
  for await (const { choices } of stream) pieces.push(choices[0]?.delta.content ?? "");
  expect(pieces.join("")).toBe(GREETING);
  expect(pieces.length).toBeGreaterThan(3);
});

test("a completion, a response and the model list", async () => {
  const client = clientOf(await start());
  const completion = await client.completions.create({ model: "fast", prompt: "Good morning" });
  const response = await client.responses.create({ model: "fast", input: "Good morning" });
  const models = await client.models.list();
  expect([completion.choices[0]?.text, response.output_text]).toEqual([GREETING, GREETING]);
  expect(models.data.map(({ id }) => id)).toContain("deepseek-chat");
});

/** What the client makes of a refused chat. */
const failed = (client: OpenAI) =>
  client.chat.completions.create(CHAT).then(
    () => undefined,
    (error: unknown) => error as APIError,
  );

test("errors are the client's own classes, and hopeless ones are not tried again", async () => {
  const { serviceId, ...unbound } = api({ routes: ROUTES });
  const plane = await startPlane([], { apis: [unbound] });
  let requests = 0;
  const counting: typeof fetch = (...call) => {
    requests++;
    return fetch(...call);
  };
  const client = new OpenAI({ baseURL: `${plane.url}/qwen/v1`, apiKey: "k", maxRetries: 2, fetch: counting });
  expect(await failed(client)).toMatchObject({ status: 503, code: "api_unbound", type: "server_error" });
  expect(requests).toBe(1);
  plane.plane.apply({ revision: 2, apis: [{ ...unbound, auth: "apiKey" }], services: [], removed: [] });
  expect(await failed(client)).toBeInstanceOf(OpenAI.AuthenticationError);
});

test("a stream that dies is an error, not a short answer", async () => {
  const { url } = await startRawUpstream((socket) => {
    const event = 'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n';
    socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
    socket.write(event);
    setTimeout(() => socket.resetAndDestroy(), 30);
  });
  const plane = await startPlane([service(url)], { apis: [api({ routes: ROUTES })] });
  const stream = await clientOf(plane).chat.completions.create({ ...CHAT, stream: true });
  const pieces: string[] = [];
  const read = async () => {
    for await (const { choices } of stream) pieces.push(choices[0]?.delta.content ?? "");
  };
  await expect(read()).rejects.toMatchObject({ code: "upstream_closed" });
  expect(pieces).toEqual(["Hel"]);
});
