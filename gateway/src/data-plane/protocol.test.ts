import { connect } from "node:net";
import {
  endAfterEach,
  outcome,
  send,
  sendRaw,
  service,
  startPlane,
  startRawUpstream,
  startUpstream,
} from "./testing/harness";

endAfterEach();

const BODY = '{"model":"m"}';
const LENGTH = `content-length: ${BODY.length}`;
const request = (target: string, ...headers: string[]) =>
  `${[`POST ${target} HTTP/1.1`, "host: x", "connection: close", ...headers].join("\r\n")}\r\n\r\n`;
const CHAT = "/v1/chat/completions";

const start = async (options: Parameters<typeof startPlane>[1] = {}) => {
  const { url, received } = await startUpstream();
  return { ...(await startPlane([service(url)], options)), received };
};

test.each<[string, string, string]>([
  ["the absolute form", `${request(`http://other.example${CHAT}`, LENGTH)}${BODY}`, "200"],
  ["the absolute form of another path", `${request(`http://x/..${CHAT}`, LENGTH)}${BODY}`, "404 no_route"],
  ["the absolute form without a path", `${request("http://x", LENGTH)}${BODY}`, "404 no_route"],
  ["the asterisk form", "OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "404 no_route"],
  ["CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n", "405 method_not_allowed"],
  [
    "an upgrade, as an ordinary request",
    `${request(CHAT, LENGTH, "upgrade: websocket", "connection: upgrade")}${BODY}`,
    "200",
  ],
  ["HTTP/1.0", `POST ${CHAT} HTTP/1.0\r\n${LENGTH}\r\n\r\n${BODY}`, "200"],
  ["no host", `POST ${CHAT} HTTP/1.1\r\nconnection: close\r\n${LENGTH}\r\n\r\n${BODY}`, "400 invalid_http"],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400 invalid_http"],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 invalid_http"],
  ["an unknown method", "BREW / HTTP/1.1\r\nhost: x\r\n\r\n", "400 invalid_http"],
  ["a space in the path", "GET /a b HTTP/1.1\r\nhost: x\r\n\r\n", "400 invalid_http"],
  [
    "length and chunks at once",
    `${request(CHAT, LENGTH, "transfer-encoding: chunked")}0\r\n\r\n`,
    "400 invalid_http",
  ],
  ["two lengths", `${request(CHAT, LENGTH, "content-length: 5")}${BODY}`, "400 invalid_http"],
  ["a length that is none", `${request(CHAT, "content-length: +13")}${BODY}`, "400 invalid_http"],
  [
    "chunks by another name",
    `${request(CHAT, "transfer-encoding: xchunked")}d\r\n${BODY}\r\n0\r\n\r\n`,
    "400 invalid_http",
  ],
  [
    "chunks and more",
    `${request(CHAT, "transfer-encoding: chunked, identity")}d\r\n${BODY}\r\n0\r\n\r\n`,
    "400 invalid_http",
  ],
  ["a space before the colon", `${request(CHAT, "content-length : 13")}${BODY}`, "400 invalid_http"],
  ["a folded header", `${request(CHAT, LENGTH, "x: a\r\n b")}${BODY}`, "400 invalid_http"],
  ["line feeds alone", `POST ${CHAT} HTTP/1.1\nhost: x\n${LENGTH}\n\n${BODY}`, "400 invalid_http"],
  [
    "a chunk length that is none",
    `${request(CHAT, "transfer-encoding: chunked")}xyz\r\n`,
    "400 invalid_http",
  ],
  ["headers too large", request(CHAT, `x: ${"y".repeat(20_000)}`), "431 headers_too_large"],
  [
    "chunk extensions too large",
    `${request(CHAT, "transfer-encoding: chunked")}1;${"x".repeat(20_000)}`,
    "400 invalid_http",
  ],
])("%s", async (_, raw, expected) => {
  const { port } = await start();
  const got = await sendRaw(port, raw);
  expect(outcome(got)).toBe(expected);
  expect(got.match(/HTTP\/1\.1 \d+/g)).toHaveLength(1);
  expect((await send(port)).status).toBe(200);
});

test("CONNECT and 405 say what is allowed", async () => {
  const { port } = await start();
  expect(await sendRaw(port, "CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\n")).toMatch(/\r\nallow: GET, POST\r\n/);
});

test("a connection that is reset in the middle of anything harms nobody else", async () => {
  const { port } = await start();
  const beginnings = [
    "CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\n",
    "garbage\r\n\r\n",
    request(CHAT, LENGTH),
    "",
  ];
  for (let round = 0; round < 5; round++) {
    for (const beginning of beginnings) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(beginning, () => socket.resetAndDestroy());
      await new Promise((closed) => socket.on("close", closed));
    }
  }
  expect((await send(port)).status).toBe(200);
});

test("a request hidden in the body of another is no request", async () => {
  const { port, received } = await start();
  const hidden = `GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n`;
  const raw = await sendRaw(port, `${request(CHAT, `content-length: ${hidden.length}`)}${hidden}`);
  expect(raw.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
  expect(received).toEqual([]);
});

test("a malformed request after a good one spoils no reply under way", async () => {
  const { url } = await startRawUpstream((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345");
    setTimeout(() => socket.write("67890"), 50);
  });
  const { port } = await startPlane([service(url)]);
  const good = request(CHAT, LENGTH).replace("connection: close\r\n", "");
  const got = await sendRaw(port, `${good}${BODY}`, "", "garbage\r\n\r\n").catch(
    (error: Error) => error.message,
  );
  expect(got).not.toContain("invalid_http");
});

describe("slow clients", () => {
  const clientTimeouts = { headersMs: 100, requestMs: 200, idleMs: 100 };

  test.each<[string, string]>([
    ["that send nothing", ""],
    ["that send half a head", `POST ${CHAT} HTTP/1.1\r\nhost:`],
    ["that send half a body", `POST ${CHAT} HTTP/1.1\r\nhost: x\r\n${LENGTH}\r\n\r\n{`],
  ])("%s are told and dropped", async (_, raw) => {
    const { port } = await start({ clientTimeouts });
    expect(outcome(await sendRaw(port, raw))).toBe("408 request_timeout");
  });

  test("that keep an idle connection are dropped", async () => {
    const { port } = await start({ clientTimeouts });
    const kept = request(CHAT, LENGTH).replace("connection: close", "connection: keep-alive");
    const got = await sendRaw(port, `${kept}${BODY}`);
    expect(outcome(got)).toBe("200");
  });

  test("wait as long as the upstream takes", async () => {
    const { url } = await startUpstream((response) => setTimeout(() => response.end("late"), 500));
    const { port } = await startPlane([service(url)], { clientTimeouts });
    expect((await send(port)).body).toBe("late");
  });
});

describe("closing", () => {
  test("lets a stream end, takes no new connection, and drops idle ones", async () => {
    let finish = () => {};
    const { url } = await startUpstream((response) => {
      response.write("begun ");
      finish = () => response.end("ended");
    });
    const { plane, port } = await startPlane([service(url)]);
    const idle = connect(port, "127.0.0.1");
    const idleClosed = new Promise((closed) => idle.on("close", closed));
    const reply = send(port);
    await new Promise((next) => setTimeout(next, 50));
    const closed = plane.close(5_000);
    await idleClosed;
    await expect(send(port)).rejects.toThrow("ECONNREFUSED");
    finish();
    expect((await reply).body).toBe("begun ended");
    await closed;
  });

  test("has an end", async () => {
    const { url } = await startUpstream((response) => response.write("for ever"));
    const { plane, port } = await startPlane([service(url)]);
    const reply = send(port);
    await new Promise((next) => setTimeout(next, 50));
    await Promise.all([expect(reply).rejects.toThrow(), plane.close(100)]);
  });

  test("answers a request that comes on an open connection, as the last one", async () => {
    const { url } = await startUpstream((response) => setTimeout(() => response.end("ok"), 50));
    const { plane, port } = await startPlane([service(url)]);
    const kept = request(CHAT, LENGTH).replace("connection: close", "connection: keep-alive");
    const got = sendRaw(port, `${kept}${BODY}`);
    await new Promise((next) => setTimeout(next, 30));
    await plane.close(2_000);
    expect(await got).toMatch(/Connection: close/);
  });
});
