import { connect } from "node:net";
import {
  CHAT_BODY,
  endAfterEach,
  outcome,
  send,
  sendRaw,
  service,
  startPlane,
  startUpstream,
  until,
} from "./testing/harness";

endAfterEach();

const KIB = 1024;
const start = async (options: Parameters<typeof startPlane>[1] = {}) => {
  const { url, received } = await startUpstream();
  return { ...(await startPlane([service(url)], options)), received };
};

const head = (...headers: string[]) =>
  `${["POST /v1/chat/completions HTTP/1.1", "host: x", ...headers].join("\r\n")}\r\n\r\n`;
const chunked = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`;

describe("what a body may be", () => {
  test.each<[string, Record<string, string>, string]>([
    ["gzip", { "content-encoding": "gzip" }, "415 unsupported_body"],
    ["identity in any case", { "content-encoding": "Identity" }, "200"],
    ["multipart", { "content-type": "multipart/form-data; boundary=x" }, "415 unsupported_body"],
    ["multipart in any case", { "content-type": "Multipart/Mixed" }, "415 unsupported_body"],
    ["JSON by another name", { "content-type": "text/plain" }, "200"],
  ])("%s", async (_, headers, expected) => {
    const { port } = await start();
    const { status, code } = await send(port, { headers });
    expect([status, code].filter(Boolean).join(" ")).toBe(expected);
  });

  test.each(["", "null", "[]", "{", '{"model":"m"} x', '{"model":1}'])("not %j", async (body) => {
    const { port, received } = await start();
    expect((await send(port, { body: Buffer.from(body) })).status).toBe(400);
    expect(received).toEqual([]);
  });

  test("without a content type", async () => {
    const { port } = await start();
    expect(
      outcome(await sendRaw(port, `${head("connection: close", "content-length: 13")}{"model":"m"}`)),
    ).toBe("200");
  });
});

describe("the limit of one body", () => {
  const limited = { maxBodyBytes: 64 * KIB };
  const bodyOf = (length: number) => {
    const empty = JSON.stringify({ ...CHAT_BODY, x: "" }).length;
    return JSON.stringify({ ...CHAT_BODY, x: "x".repeat(length - empty) });
  };

  test("is exact", async () => {
    const { port, received } = await start(limited);
    expect((await send(port, { body: bodyOf(64 * KIB) })).status).toBe(200);
    expect(received[0]?.headers["content-length"]).toBe(String(64 * KIB));
    expect(await send(port, { body: bodyOf(64 * KIB + 1) })).toMatchObject({
      status: 413,
      code: "body_too_large",
    });
  });

  test("is told before a body is sent", async () => {
    const { port } = await start(limited);
    expect(outcome(await sendRaw(port, head("content-length: 99999999999999999")))).toBe(
      "413 body_too_large",
    );
  });

  test("holds for a body of unknown length, and the client can read the answer", async () => {
    const { port } = await start(limited);
    const pieces = Array.from({ length: 20 }, () => chunked("x".repeat(8 * KIB)));
    const raw = await sendRaw(port, head("transfer-encoding: chunked"), ...pieces, "0\r\n\r\n");
    expect(outcome(raw)).toBe("413 body_too_large");
    expect(raw).toContain("Connection: close");
  });

  test("lets a client that sends far too much read the answer", async () => {
    const { port } = await start(limited);
    expect(await send(port, { body: bodyOf(8 * KIB * KIB) })).toMatchObject({
      status: 413,
      code: "body_too_large",
    });
  });
});

test("the budget of all bodies: 503 where it is full, and room again afterwards", async () => {
  const { port } = await start({ bodyBudgetBytes: 10 * KIB });
  const holder = connect(port, "127.0.0.1");
  holder.write(`${head("content-length: 9000")}${"x".repeat(8 * KIB)}`);
  const large = { ...CHAT_BODY, x: "x".repeat(4 * KIB) };
  await until(() => holder.bytesWritten > 8 * KIB);
  await new Promise((next) => setTimeout(next, 20));
  const busy = await send(port, { body: large });
  expect(busy).toMatchObject({ status: 503, code: "gateway_busy" });
  expect(busy.headers["retry-after"]).toBe("1");
  expect(busy.headers["x-should-retry"]).toBeUndefined();
  holder.destroy();
  await new Promise((next) => setTimeout(next, 20));
  // Nothing of it is lost, however requests end.
  for (let round = 0; round < 5; round++) {
    expect((await send(port, { body: large })).status).toBe(200);
    expect((await send(port, { body: "x".repeat(4 * KIB) })).status).toBe(400);
  }
});

test("announcing a long body takes nothing from the budget", async () => {
  const { port } = await start({ bodyBudgetBytes: 10 * KIB });
  const idle = Array.from({ length: 5 }, () => connect(port, "127.0.0.1"));
  for (const socket of idle) socket.write(`${head("content-length: 10000")}{`);
  await new Promise((next) => setTimeout(next, 20));
  expect((await send(port, { body: { ...CHAT_BODY, x: "x".repeat(4 * KIB) } })).status).toBe(200);
  for (const socket of idle) socket.destroy();
});

test("a body of single bytes arrives whole", async () => {
  const { port, received } = await start();
  const text = JSON.stringify({ ...CHAT_BODY, x: "x".repeat(40_000) });
  const pieces = [...text].map(chunked).join("");
  const raw = await sendRaw(
    port,
    `${head("transfer-encoding: chunked", "connection: close")}${pieces}0\r\n\r\n`,
  );
  expect(outcome(raw)).toBe("200");
  expect(received[0]?.body).toBe(text);
});

describe("Expect: 100-continue", () => {
  const body = JSON.stringify(CHAT_BODY);
  const expecting = (...headers: string[]) =>
    head("expect: 100-continue", "connection: close", `content-length: ${body.length}`, ...headers);

  test("is answered, then the request goes on", async () => {
    const { port, received } = await start();
    const raw = await sendRaw(port, expecting(), body);
    expect(raw).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(received[0]?.headers.expect).toBeUndefined();
  });

  test.each([
    ["no route", expecting().replace("/v1/chat", "/v2/chat"), "404 no_route"],
    ["an encoded body", expecting("content-encoding: gzip"), "415 unsupported_body"],
    ["two credentials", expecting("authorization: a", "authorization: b"), "400 repeated_credential"],
    [
      "a body too long",
      expecting().replace(/content-length: \d+/, "content-length: 999999999"),
      "413 body_too_large",
    ],
  ])("is not answered for %s", async (_, request, expected) => {
    const { port } = await start();
    expect(outcome(await sendRaw(port, request))).toBe(expected);
  });

  test("another expectation is refused", async () => {
    const { port } = await start();
    expect(outcome(await sendRaw(port, head("expect: a-miracle", "connection: close")))).toBe(
      "417 expectation_failed",
    );
  });
});

test("a refused request leaves the connection usable where its body is short", async () => {
  const { port } = await start();
  const refused = `${head("content-length: 5").replace("/v1/", "/v2/")}{...}`;
  const raw = await sendRaw(port, refused, `${head("content-length: 13", "connection: close")}{"model":"m"}`);
  expect(raw.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 404", "HTTP/1.1 200"]);
});

test("a client that goes away while it sends leaves nothing behind", async () => {
  const { port, received } = await start({ bodyBudgetBytes: 10 * KIB });
  for (let round = 0; round < 20; round++) {
    const socket = connect(port, "127.0.0.1");
    socket.write(`${head("content-length: 9000")}${"x".repeat(5 * KIB)}`, () => socket.destroy());
    await new Promise((closed) => socket.on("close", closed));
    await new Promise((next) => setTimeout(next, 5));
  }
  expect((await send(port, { body: { ...CHAT_BODY, x: "x".repeat(9 * KIB) } })).status).toBe(200);
  expect(received).toHaveLength(1);
});
