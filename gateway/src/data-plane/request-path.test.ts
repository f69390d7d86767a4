import type { ServedService } from "@modelgateway/schema";
import {
  api,
  CHAT_BODY,
  endAfterEach,
  key,
  send,
  sendRaw,
  service,
  startPlane,
  startUpstream,
} from "./testing/harness";

endAfterEach();

const CHAT = "/v1/chat/completions";
const { serviceId, ...unbound } = api();
const apiKey = { auth: "apiKey" } as const;

describe("the steps come in order: route, credential, binding, body, model policy", () => {
  const twoCredentials = { authorization: ["Bearer a", "Bearer b"] };
  const encoded = { "content-encoding": "gzip" };

  test.each([
    [
      "no route, and all else wrong",
      { path: "/nowhere", headers: { ...twoCredentials, ...encoded } },
      "404 no_route",
    ],
    ["another method", { method: "PUT", headers: encoded, body: "{" }, "405 method_not_allowed"],
    ["two credentials before no valid one", { headers: twoCredentials }, "400 repeated_credential"],
    ["no credential before no binding", {}, "401 invalid_api_key"],
    ["a credential that is not valid", { headers: { authorization: "Bearer x" } }, "401 invalid_api_key"],
    ["a credential before the body", { headers: encoded }, "401 invalid_api_key"],
  ])("%s", async (_, sent, expected) => {
    const { port } = await startPlane([], { apis: [{ ...unbound, ...apiKey }] });
    const { status, code } = await send(port, sent);
    expect(`${status} ${code}`).toBe(expected);
  });

  test.each([
    ["no binding before the body", unbound, { headers: encoded }, "503 api_unbound"],
    ["a binding to a service that is not there", api(), {}, "503 api_unbound"],
    ["no binding before the model list", unbound, { method: "GET", path: "/v1/models" }, "503 api_unbound"],
  ])("%s", async (_, served, sent, expected) => {
    const { port } = await startPlane([], { apis: [served] });
    const { status, code, headers } = await send(port, sent);
    expect(`${status} ${code}`).toBe(expected);
    expect(headers["x-should-retry"]).toBe("false");
  });

  test.each([
    ["the body before the model policy", { headers: encoded, body: "{" }, "415 unsupported_body"],
    ["the model policy before the upstream", { body: { model: "x" } }, "404 model_not_found"],
  ])("%s", async (_, sent, expected) => {
    // Nothing listens on port 1.
    const { port } = await startPlane([service("http://127.0.0.1:1", { allowedModels: ["a"] })]);
    const { status, code } = await send(port, sent);
    expect(`${status} ${code}`).toBe(expected);
  });
});

test("a wrong credential is challenged, in OpenAI's shape, and 405 says what is allowed", async () => {
  const { port } = await startPlane([], { apis: [api(apiKey)] });
  const refused = await send(port);
  expect(refused.headers["www-authenticate"]).toBe("Bearer");
  expect(refused.headers["content-type"]).toBe("application/json");
  expect(JSON.parse(refused.body)).toEqual({
    error: {
      message: expect.any(String),
      type: "authentication_error",
      param: null,
      code: "invalid_api_key",
    },
  });
  const options = await send(port, { method: "OPTIONS" });
  expect([options.status, options.headers.allow]).toEqual([405, "POST"]);
  expect(Object.keys(options.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("a request reaches the upstream byte for byte, save its model", async () => {
  const { url, received } = await startUpstream();
  const given = { modelSelector: "Specify", defaultModel: "deepseek-chat", keys: [key("sk-1")] } as const;
  const { port } = await startPlane([service(`${url}/base?api-version=1`, given)]);
  const body =
    '{ "seed" : 12345678901234567890,\n "model":\t"gpt-4o", "messages":[{"content":"\\u00fc\\n é"}] }';
  const { status } = await send(port, { body, path: `${CHAT}?a=%2F&key=secret&api-version=9` });
  expect(status).toBe(200);
  expect(received).toMatchObject([
    {
      method: "POST",
      url: `/base${CHAT}?api-version=1&a=%2F`,
      body: body.replace("gpt-4o", "deepseek-chat"),
    },
  ]);
  expect(received[0]?.headers["content-length"]).toBe(String(Buffer.byteLength(received[0]?.body ?? "")));
});

test("a body in many pieces, larger than one read, arrives whole", async () => {
  const { url, received } = await startUpstream();
  const { port } = await startPlane([
    service(url, { modelSelector: "Specify", defaultModel: "a-longer-name" }),
  ]);
  const content = "prompt ".repeat(50_000);
  for (const body of [
    { model: "m", messages: [{ role: "user", content }] },
    { messages: [{ role: "user", content }], model: "m" },
  ]) {
    await send(port, { body });
    expect(JSON.parse(received.at(-1)?.body ?? "")).toEqual({ ...body, model: "a-longer-name" });
  }
});

describe("GET /v1/models", () => {
  const ask = async (given: Partial<ServedService>) => {
    const { url, received } = await startUpstream((response) => response.end('{"data":[{"id":"vendor"}]}'));
    const { port } = await startPlane([service(url, given)]);
    const { status, body } = await send(port, { method: "GET", path: "/v1/models" });
    const { data } = JSON.parse(body) as { data: { id: string }[] };
    return { status, ids: data.map(({ id }) => id), forwarded: received.map(({ url: to }) => to) };
  };

  test.each<[string, Partial<ServedService>, string[], string[]]>([
    ["is answered here for Specify", { modelSelector: "Specify", defaultModel: "d" }, ["d"], []],
    ["is answered here for an allow list", { allowedModels: ["a", "b"] }, ["a", "b"], []],
    ["is forwarded otherwise", { defaultModel: "d" }, ["vendor"], ["/v1/models"]],
  ])("%s", async (_, given, ids, forwarded) => {
    expect(await ask(given)).toEqual({ status: 200, ids, forwarded });
  });
});

test("a delta holds from the next request on, and the one under way ends as it began", async () => {
  let release = () => {};
  const old = await startUpstream((response) => {
    release = () => response.end("old");
  });
  const other = await startUpstream((response) => response.end("new"));
  const { plane, port } = await startPlane([service(old.url)]);
  const first = send(port);
  while (old.received.length === 0) await new Promise((next) => setTimeout(next, 5));
  plane.apply({ revision: 2, apis: [], services: [service(other.url)], removed: [] });
  expect((await send(port)).body).toBe("new");
  plane.apply({ revision: 3, apis: [unbound], services: [], removed: ["service"] });
  expect((await send(port)).code).toBe("api_unbound");
  release();
  expect((await first).body).toBe("old");
});

test("two requests on one connection are answered in their order", async () => {
  const { url } = await startUpstream((response, { body }) => {
    const { wait } = JSON.parse(body) as { wait: number };
    setTimeout(() => response.end(`after ${wait}`), wait);
  });
  const { port } = await startPlane([service(url)]);
  const bodies = [60, 1].map((wait) => JSON.stringify({ ...CHAT_BODY, wait }));
  const raw = bodies.map((body, at) => {
    const connection = at === 1 ? "connection: close\r\n" : "";
    return `POST ${CHAT} HTTP/1.1\r\nhost: x\r\n${connection}content-length: ${body.length}\r\n\r\n${body}`;
  });
  const got = await sendRaw(port, raw.join(""));
  expect(got.indexOf("after 60")).toBeGreaterThan(0);
  expect(got.lastIndexOf("after 1")).toBeGreaterThan(got.indexOf("after 60"));
});
