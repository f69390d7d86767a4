import { type AddressInfo, connect } from "node:net";
import { CATALOGUE } from "@modelgateway/schema";
import { startTestGateway, type TestGateway, TOKEN } from "./testing/gateway";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const API = { name: "qwen", scene: "TextGeneration", requestProtocol: "OpenAI" };
const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

interface Row {
  readonly what: string;
  readonly request: readonly [method: string, path: string, body?: unknown, headers?: Record<string, string>];
  readonly status: number;
  readonly code: string;
}

const ROWS: readonly Row[] = [
  {
    what: "no token",
    request: ["GET", "/v1/gateway", undefined, { authorization: "" }],
    status: 401,
    code: "unauthenticated",
  },
  {
    what: "a wrong token",
    request: ["GET", "/v1/gateway", undefined, { authorization: "Bearer nope" }],
    status: 401,
    code: "unauthenticated",
  },
  {
    what: "another scheme",
    request: ["GET", "/v1/gateway", undefined, { authorization: `Basic ${TOKEN}` }],
    status: 401,
    code: "unauthenticated",
  },
  { what: "an unknown path", request: ["GET", "/v2/model-apis"], status: 404, code: "no_such_path" },
  { what: "a trailing slash", request: ["GET", "/v1/model-apis/"], status: 404, code: "not_found" },
  { what: "another method", request: ["PATCH", "/v1/model-apis"], status: 405, code: "method_not_allowed" },
  {
    what: "a bad percent-encoding",
    request: ["GET", "/v1/model-apis/%E4%ZZ"],
    status: 400,
    code: "invalid_parameter",
  },
  {
    what: "an object that is not there",
    request: ["GET", `/v1/model-apis/${"%E5%95%86".repeat(60)}`],
    status: 404,
    code: "not_found",
  },
  {
    what: "a body that is not JSON",
    request: ["POST", "/v1/model-apis", "{"],
    status: 400,
    code: "invalid_body",
  },
  { what: "an empty body", request: ["POST", "/v1/model-apis", ""], status: 400, code: "invalid_body" },
  { what: "a list for a body", request: ["POST", "/v1/model-apis", []], status: 400, code: "invalid_field" },
  { what: "null for a body", request: ["POST", "/v1/model-apis", null], status: 400, code: "invalid_field" },
  {
    what: "a body nested deeply",
    request: ["POST", "/v1/model-apis", deep(200_000)],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a computed field nested deeply",
    request: ["POST", "/v1/model-apis", `{"name":"1","generatedRoutes":${deep(200_000)}}`],
    status: 400,
    code: "missing_field",
  },
  {
    what: "a prototype in the body",
    request: ["POST", "/v1/model-apis", '{"__proto__":{"a":1},"name":"x"}'],
    status: 400,
    code: "missing_field",
  },
  {
    what: "another media type",
    request: ["POST", "/v1/model-apis", "a=b", { "content-type": "application/x-www-form-urlencoded" }],
    status: 415,
    code: "unsupported_media_type",
  },
  {
    what: "plain text",
    request: ["POST", "/v1/model-apis", "{}", { "content-type": "text/plain" }],
    status: 415,
    code: "unsupported_media_type",
  },
  {
    what: "a compressed body",
    request: ["POST", "/v1/model-apis", "{}", { "content-encoding": "gzip" }],
    status: 415,
    code: "unsupported_media_type",
  },
  {
    what: "a body over the limit",
    request: ["POST", "/v1/model-apis", { ...API, description: "x".repeat(1_100_000) }],
    status: 413,
    code: "body_too_large",
  },
  {
    what: "an unknown query parameter",
    request: ["GET", "/v1/model-apis?limits=1"],
    status: 400,
    code: "invalid_parameter",
  },
  {
    what: "a limit of 0",
    request: ["GET", "/v1/model-apis?limit=0"],
    status: 400,
    code: "invalid_parameter",
  },
  {
    what: "a limit given twice",
    request: ["GET", "/v1/model-apis?limit=1&limit=2"],
    status: 400,
    code: "invalid_parameter",
  },
  {
    what: "an owner that is not percent-encoded UTF-8",
    request: ["POST", "/v1/model-apis", API, { "x-managed-by": "%FF" }],
    status: 400,
    code: "invalid_parameter",
  },
  {
    what: "an owner that is too long",
    request: ["POST", "/v1/model-apis", API, { "x-managed-by": "x".repeat(401) }],
    status: 400,
    code: "invalid_parameter",
  },
  {
    what: "another gateway's id",
    request: ["POST", "/v1/model-apis", API, { "modelgateway-id": "0".repeat(32) }],
    status: 409,
    code: "wrong_gateway",
  },
  {
    what: "a name that begins with a digit",
    request: ["POST", "/v1/model-apis", { ...API, name: "1qwen" }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a name that ends with a separator",
    request: ["POST", "/v1/model-apis", { ...API, name: "qwen-" }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a name of 61 characters",
    request: ["POST", "/v1/model-apis", { ...API, name: "x".repeat(61) }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a base path with dot segments",
    request: ["POST", "/v1/model-apis", { ...API, basePath: "/a/../b" }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a base path with an empty segment",
    request: ["POST", "/v1/model-apis", { ...API, basePath: "/a//b" }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a base path in percent-encoding",
    request: ["POST", "/v1/model-apis", { ...API, basePath: "/a%2Fb" }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a NUL in a description",
    request: ["POST", "/v1/model-apis", { ...API, description: "a\u0000" }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a lone surrogate",
    request: [
      "POST",
      "/v1/model-apis",
      `{"name":"a","scene":"TextGeneration","requestProtocol":"OpenAI","description":"\\ud800"}`,
    ],
    status: 400,
    code: "invalid_field",
  },
  { what: "a plan without changes", request: ["POST", "/v1/plans", {}], status: 400, code: "missing_field" },
  {
    what: "a plan with an unknown kind",
    request: ["POST", "/v1/plans", { changes: [{ op: "create", kind: "Nope" }] }],
    status: 400,
    code: "invalid_field",
  },
  {
    what: "a batch with an unknown kind",
    request: ["POST", "/v1/batch-get", { items: [{ kind: "__proto__", ref: "a" }] }],
    status: 400,
    code: "invalid_field",
  },
];

test.each(ROWS)(
  "$what is refused with $status $code",
  async ({ request: [method, path, body, headers], status, code }) => {
    const answer = await gateway.call(method, path, body, headers);
    expect(answer).toMatchObject({
      status,
      headers: { "content-type": "application/problem+json", "modelgateway-id": gateway.ledger.gatewayId },
      body: {
        code,
        status,
        title: CATALOGUE[code as keyof typeof CATALOGUE].title,
        diagnostics: expect.arrayContaining([expect.objectContaining({ code })]),
      },
    });
  },
);

test("405 says what the path answers", async () => {
  expect((await gateway.call("PATCH", "/v1/model-apis")).headers.allow).toBe("GET, HEAD, POST");
});

test("a name in Chinese at 60 characters works in a URL", async () => {
  const name = "商".repeat(60);
  expect(await gateway.call("POST", "/v1/model-apis", { ...API, name, basePath: "/long" })).toMatchObject({
    status: 201,
  });
  expect(await gateway.call("GET", `/v1/model-apis/${encodeURIComponent(name)}`)).toMatchObject({
    status: 200,
    body: { name },
  });
});

test("a refusal never repeats a secret", async () => {
  const secret = "sk-very-secret-value";
  const answers = [
    await gateway.call("POST", "/v1/model-keys", { name: "1", value: secret }),
    await gateway.call("POST", "/v1/model-keys", `{"name":"k","value":"${secret}"`),
    await gateway.call("POST", "/v1/model-keys", { name: "k", value: `${secret} with space` }),
  ];
  for (const { status, text } of answers) {
    expect(status).toBe(400);
    expect(text).not.toContain(secret);
  }
});

describe("what is no request for the framework", () => {
  const rows: [what: string, bytes: string, status: number][] = [
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405],
    ["bytes that are not HTTP", "\u0016\u0003\u0001\r\n\r\n", 400],
    ["headers that are too long", `GET / HTTP/1.1\r\nHost: a\r\nA: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ];
  beforeAll(async () => {
    await gateway.app.listen({ host: "127.0.0.1", port: 0 });
  });
  test.each(rows)("%s is answered on the socket", async (_what, bytes, status) => {
    const [address] = gateway.app.addresses();
    const socket = connect((address as AddressInfo).port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.write(bytes);
    await new Promise((resolve) => socket.once("close", resolve));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({ status });
  });
});
