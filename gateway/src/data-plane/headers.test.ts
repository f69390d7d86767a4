import type { ServedService } from "@modelgateway/schema";
import {
  endAfterEach,
  key,
  send,
  sendRaw,
  service,
  startPlane,
  startRawUpstream,
  startUpstream,
} from "./testing/harness";

endAfterEach();

interface Row {
  readonly name: string;
  readonly sent: Record<string, string | string[]>;
  readonly service?: Partial<ServedService>;
  /** What the upstream must receive. */
  readonly gets?: Record<string, string>;
  /** What it must not receive: names of headers, or their beginnings. */
  readonly mustNotGet?: readonly string[];
}

/** Parts of values in the rows below that no upstream may see, in whichever header. */
const NEVER_SENT = /client-secret|1\.2\.3\.4|1999-01-01|gateway\.example|multipart/;

const KEYS = { keys: [key("sk-vendor")] };

const REQUESTS: readonly Row[] = [
  {
    name: "ordinary headers pass",
    sent: {
      "x-trace": "1",
      "user-agent": "u",
      accept: "a",
      "accept-encoding": "gzip",
      "x-stainless-lang": "js",
    },
    gets: {
      "x-trace": "1",
      "user-agent": "u",
      accept: "a",
      "accept-encoding": "gzip",
      "x-stainless-lang": "js",
    },
  },
  {
    name: "the client's bearer token gives way to the service's",
    sent: { authorization: "Bearer client-secret" },
    service: KEYS,
    gets: { authorization: "Bearer sk-vendor" },
  },
  {
    name: "no credential of the client passes, even where the service has none",
    sent: {
      Authorization: "Bearer client-secret",
      "X-Api-Key": "client-secret",
      "api-key": "client-secret",
      "x-goog-api-key": "client-secret",
      "proxy-authorization": "Basic client-secret",
      cookie: "session=client-secret",
    },
    mustNotGet: ["authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"],
  },
  {
    name: "Anthropic gets its key as x-api-key, and the gateway's version",
    sent: { "x-api-key": "client-secret", "anthropic-version": "1999-01-01" },
    service: { ...KEYS, modelProvider: "Anthropic" },
    gets: { "x-api-key": "sk-vendor", "anthropic-version": "2023-06-01" },
    mustNotGet: ["authorization", "client-secret"],
  },
  {
    name: "who the client is stays here",
    sent: {
      forwarded: "for=1.2.3.4",
      "x-forwarded-for": "1.2.3.4",
      "X-Forwarded-Host": "h",
      "x-forwarded-anything": "1",
      "openai-organization": "org",
      "OpenAI-Project": "proj",
    },
    mustNotGet: ["forwarded", "x-forwarded", "openai-organization", "openai-project"],
  },
  {
    name: "hop-by-hop headers stay on their hop",
    sent: {
      te: "trailers",
      "keep-alive": "timeout=9",
      "proxy-connection": "keep-alive",
      "proxy-anything": "1",
      upgrade: "h2c",
      "http2-settings": "AAA",
      connection: "Upgrade, HTTP2-Settings, x-private",
      "x-private": "1",
      "x-public": "2",
    },
    gets: { "x-public": "2", connection: "keep-alive" },
    mustNotGet: ["te", "keep-alive", "proxy-", "upgrade", "http2-settings", "x-private"],
  },
  {
    name: "the host is the upstream's, the length the body's",
    sent: { host: "gateway.example", expect: "100-continue", "content-encoding": "identity" },
    mustNotGet: ["expect", "content-encoding", "transfer-encoding"],
  },
  {
    name: "of two content types the one that was judged passes",
    sent: { "content-type": ["application/json", "multipart/form-data"] },
    gets: { "content-type": "application/json" },
  },
];

test.each(REQUESTS)(
  "to the upstream: $name",
  async ({ sent, service: given, gets = {}, mustNotGet = [] }) => {
    const { url, received } = await startUpstream();
    const { port } = await startPlane([service(url, given)]);
    expect((await send(port, { headers: sent })).status).toBe(200);
    const [{ headers, rawHeaders } = { headers: {}, rawHeaders: [] }] = received;
    expect(headers).toMatchObject({ host: new URL(url).host, ...gets });
    const lines = rawHeaders.flatMap((_, at) =>
      at % 2 === 0 ? [`${rawHeaders[at]}: ${rawHeaders[at + 1]}`] : [],
    );
    const isUnwanted = (line: string) => mustNotGet.some((name) => line.toLowerCase().startsWith(name));
    expect(lines.filter(isUnwanted)).toEqual([]);
    expect(lines.join("\n")).not.toMatch(NEVER_SENT);
    const names = lines.map((line) => line.split(":")[0]?.toLowerCase());
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  },
);

test("from the upstream: what concerns the client, as it was", async () => {
  const { url } = await startRawUpstream((socket) => {
    socket.end(
      "HTTP/1.1 200 Fine\r\ncontent-type: text/plain\r\nx-request-id: r1\r\nwarning: a\r\nwarning: b\r\n" +
        "set-cookie: a=1\r\nset-cookie: b=2\r\nopenai-organization: vendor-org\r\nopenai-version: 1\r\n" +
        "connection: close, X-Private\r\nx-private: 1\r\nkeep-alive: timeout=1\r\nproxy-authenticate: Basic\r\n" +
        "date: Thu, 01 Jan 1970 00:00:00 GMT\r\nx-bytes: \xe4\xff\r\n__proto__: x\r\nconstructor: y\r\n" +
        "transfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n",
      "latin1",
    );
  });
  const { port } = await startPlane([service(url)]);
  const { status, headers, body } = await send(port);
  expect([status, body]).toEqual([200, "hi"]);
  expect(headers).toMatchObject({
    "content-type": "text/plain",
    "x-request-id": "r1",
    warning: "a, b",
    "openai-version": "1",
    date: "Thu, 01 Jan 1970 00:00:00 GMT",
    "x-bytes": "\xe4\xff",
  });
  for (const name of ["set-cookie", "openai-organization", "x-private", "proxy-authenticate", "trailer"]) {
    expect(headers).not.toHaveProperty(name);
  }
});

test("a header that names itself by nothing but the client's case is the same header", async () => {
  const { url, received } = await startUpstream();
  const { port } = await startPlane([service(url, KEYS)]);
  const body = '{"model":"m"}';
  await sendRaw(
    port,
    "POST /v1/chat/completions HTTP/1.1\r\nHOST: x\r\nAUTHORIZATION: Bearer client-secret\r\nX-API-KEY: client-secret\r\n" +
      `Cookie: client-secret\r\nTrailer: x-sum\r\nCONNECTION: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(received[0]?.rawHeaders.join("\n")).not.toMatch(/client-secret|trailer/i);
});
