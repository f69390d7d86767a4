import { connect } from "node:net";
import type { ServedService } from "@modelgateway/schema";
import {
  endAfterEach,
  send,
  service,
  startPlane,
  startRawUpstream,
  startUpstream,
  until,
} from "./testing/harness";

endAfterEach();

const CHUNKED = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

describe("an upstream that answers", () => {
  test.each<[string, string, string]>([
    ["nothing", "", "502 upstream_closed"],
    ["garbage", "SSH-2.0-OpenSSH_9.6\r\n", "502 upstream_invalid_reply"],
    ["half a status line", "HTTP/1.1 20", "502 upstream_closed"],
    ["half a head", "HTTP/1.1 200 OK\r\ncontent-ty", "502 upstream_closed"],
    ["a status that is none", "HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n", "502 upstream_invalid_reply"],
    ["a status of four digits", "HTTP/1.1 2000 X\r\ncontent-length: 0\r\n\r\n", "502 upstream_invalid_reply"],
    ["too many headers", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, "502 upstream_invalid_reply"],
    [
      "a header with a control character",
      "HTTP/1.1 200 OK\r\nx: a\x01b\r\n\r\n",
      "502 upstream_invalid_reply",
    ],
    [
      "a header with a bare carriage return",
      "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n",
      "502 upstream_invalid_reply",
    ],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
      "502 upstream_invalid_reply",
    ],
    ["with 100 unasked", "HTTP/1.1 100 Continue\r\n\r\n", "502 upstream_closed"],
    [
      "with an upgrade unasked",
      "HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      "502 upstream_closed",
    ],
    ["in HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "200 hello"],
    [
      "with early hints",
      "HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
      "200 ok",
    ],
    ["without a body", "HTTP/1.1 204 No Content\r\n\r\n", "204 "],
    ["with an empty body", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "200 "],
    ["with trailers", `${CHUNKED}2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n`, "200 ok"],
    [
      "more than it announced",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 500 Late\r\n\r\n",
      "200 ok",
    ],
    ["with a status nobody knows", "HTTP/1.1 299 ?\r\ncontent-length: 2\r\n\r\nok", "299 ok"],
  ])("%s", async (_, bytes, expected) => {
    const { url } = await startRawUpstream((socket) => socket.end(bytes, "latin1"));
    const { port } = await startPlane([service(url)]);
    const { status, code, body } = await send(port);
    expect(`${status} ${code ?? body}`).toBe(expected);
    // And the gateway goes on.
    expect((await send(port)).status).toBe(status);
  });

  test.each<[string, string]>([
    ["less than it announced", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"],
    ["half a chunk", `${CHUNKED}a\r\n12345`],
    ["chunks without an end", `${CHUNKED}5\r\n12345\r\n`],
    ["a chunk length that is none", `${CHUNKED}5\r\n12345\r\nxyz\r\n`],
    ["a body as long as its connection, which is reset", "HTTP/1.1 200 OK\r\n\r\n12345"],
  ])("%s: the client's reply is cut, never ended", async (_, bytes) => {
    const { url } = await startRawUpstream((socket) => {
      socket.write(bytes);
      setTimeout(() => (bytes.includes(": ") ? socket.end() : socket.resetAndDestroy()), 20);
    });
    const { port } = await startPlane([service(url)]);
    await expect(send(port)).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
  });
});

describe("timeouts", () => {
  const timeouts = (given: Partial<ServedService["upstreamTimeouts"]>) => ({
    upstreamTimeouts: { connectMs: 2_000, writeMs: 2_000, readMs: 2_000, ...given },
  });
  const timed = async (port: number, sent: Parameters<typeof send>[1] = {}) => {
    const started = performance.now();
    const { status, code } = await send(port, sent);
    return { outcome: `${status} ${code}`, ms: performance.now() - started };
  };

  test("silence before the first byte", async () => {
    const { url, sockets } = await startRawUpstream(() => undefined);
    const { port } = await startPlane([service(url, timeouts({ readMs: 100 }))]);
    const { outcome, ms } = await timed(port);
    expect(outcome).toBe("504 upstream_read_timeout");
    expect(ms).toBeGreaterThan(90);
    expect(ms).toBeLessThan(600);
    await until(() => sockets[0]?.destroyed === true);
  });

  test("interim answers without end are silence", async () => {
    const { url } = await startRawUpstream((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 10);
      socket.on("close", () => clearInterval(timer));
    });
    const { port } = await startPlane([service(url, timeouts({ readMs: 100 }))]);
    expect((await timed(port)).outcome).toBe("504 upstream_read_timeout");
  });

  test("a slow head is silence, slow data is not", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    const slowly = (text: string) =>
      startRawUpstream((socket) => {
        const bytes = [...text];
        const timer = setInterval(() => socket.write(bytes.shift() ?? ""), 40);
        socket.on("close", () => clearInterval(timer));
      });
    const slowHead = await startPlane([service((await slowly(head)).url, timeouts({ readMs: 150 }))]);
    expect((await timed(slowHead.port)).outcome).toBe("504 upstream_read_timeout");
    const { url } = await startRawUpstream((socket) => {
      socket.write(head);
      let left = 10;
      const timer = setInterval(() => (left-- > 0 ? socket.write("x") : clearInterval(timer)), 40);
    });
    const slowData = await startPlane([service(url, timeouts({ readMs: 150 }))]);
    expect((await send(slowData.port)).body).toBe("x".repeat(10));
  });

  test("silence within the reply cuts it", async () => {
    const { url } = await startRawUpstream((socket) => socket.write(`${CHUNKED}2\r\nok\r\n`));
    const { port } = await startPlane([service(url, timeouts({ readMs: 100 }))]);
    await expect(send(port)).rejects.toThrow(/aborted|ECONNRESET/);
  });

  test("an upstream that does not take the request in", async () => {
    const { url, sockets } = await startRawUpstream((socket) => socket.pause());
    const { port } = await startPlane([service(url, timeouts({ writeMs: 150, readMs: 60_000 }))]);
    const body = { model: "m", x: "x".repeat(24 * 1024 * 1024) };
    const { outcome, ms } = await timed(port, { body });
    expect(outcome).toBe("504 upstream_write_timeout");
    expect(ms).toBeLessThan(2_000);
    await until(() => sockets.length === 1);
  });

  test("the silence counts once the request is sent", async () => {
    const { url } = await startRawUpstream((socket) => {
      socket.pause();
      setTimeout(() => socket.resume(), 300);
      setTimeout(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), 400);
    });
    const { port } = await startPlane([service(url, timeouts({ readMs: 250 }))]);
    expect((await send(port, { body: { model: "m", x: "x".repeat(24 * 1024 * 1024) } })).body).toBe("ok");
  });

  test("a connection that does not come about", async () => {
    // A TEST-NET address: nobody answers. Where the machine has no route, it says so at once.
    const { port } = await startPlane([service("http://192.0.2.1:9", timeouts({ connectMs: 100 }))]);
    const { outcome, ms } = await timed(port);
    expect(outcome).toMatch(/^504 upstream_connect_timeout$|^502 upstream_unreachable$/);
    expect(ms).toBeLessThan(2_000);
  });
});

describe("an upstream that cannot be reached", () => {
  test.each([
    ["a closed port", "http://127.0.0.1:1", "ECONNREFUSED"],
    ["no such name", "http://no-such-name.invalid", "ENOTFOUND|EAI_AGAIN"],
  ])("%s", async (_, url, cause) => {
    const { port } = await startPlane([service(url)]);
    const answer = await send(port);
    expect(answer).toMatchObject({ status: 502, code: "upstream_unreachable" });
    expect(answer.body).toMatch(new RegExp(`\\((${cause})\\)`));
    expect(answer.headers["x-should-retry"]).toBeUndefined();
  });

  test("TLS where there is none", async () => {
    const { url } = await startUpstream();
    const { port } = await startPlane([service(url.replace("http:", "https:"))]);
    expect(await send(port)).toMatchObject({ status: 502, code: "upstream_unreachable" });
  });
});

describe("an address that is refused", () => {
  test.each([
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:169.254.169.254]/",
    "http://2852039166/",
    "http://[fe80::1]/",
    "http://100.100.100.200/",
  ])("%s", async (url) => {
    const { port } = await startPlane([service(url)]);
    const answer = await send(port);
    expect(answer).toMatchObject({ status: 502, code: "upstream_address_refused" });
    expect(answer.headers["x-should-retry"]).toBe("false");
    expect(answer.body).not.toMatch(/\d+\.\d+\.\d+/);
  });

  test("the gateway's own ports, by any of their names", async () => {
    const control = await startUpstream();
    const controlPort = Number(new URL(control.url).port);
    const own = { ownListeners: [{ host: "127.0.0.1", port: controlPort }] };
    const { plane, port } = await startPlane([service(control.url)], own);
    const reach = async (url: string) => {
      plane.apply({ revision: 2, apis: [], services: [service(url)], removed: [] });
      return (await send(port)).code;
    };
    for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
      expect(await reach(`http://${host}:${controlPort}`)).toBe("upstream_address_refused");
      expect(await reach(`http://${host}:${port}`)).toBe("upstream_address_refused");
    }
    expect(control.received).toEqual([]);
  });

  test("private ones, where they are switched off", async () => {
    const { url, received } = await startUpstream();
    const { port } = await startPlane([service(url)], { refusePrivateAddresses: true });
    expect((await send(port)).code).toBe("upstream_address_refused");
    expect(received).toEqual([]);
  });
});

test("a client that goes away ends the connection to the upstream, at whatever stage", async () => {
  const stages: [string, string][] = [
    ["waiting", ""],
    ["answering", `${CHUNKED}2\r\nok\r\n`],
  ];
  for (const [stage, bytes] of stages) {
    const { url, sockets } = await startRawUpstream((socket) => {
      if (bytes !== "") socket.write(bytes);
    });
    const { port } = await startPlane([service(url)]);
    const client = connect(port, "127.0.0.1");
    client.on("error", () => undefined);
    client.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"model":"m"}');
    await until(() => sockets.length === 1);
    await new Promise((next) => setTimeout(next, 20));
    expect([stage, sockets[0]?.destroyed]).toEqual([stage, false]);
    client.destroy();
    await until(() => sockets[0]?.destroyed === true);
  }
});

test("a client that goes away before the connection stands ends the attempt", async () => {
  const { port } = await startPlane([service("http://192.0.2.1:9")]);
  const client = connect(port, "127.0.0.1");
  client.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"model":"m"}');
  await new Promise((next) => setTimeout(next, 30));
  client.destroy();
  await new Promise((next) => setTimeout(next, 30));
});
