import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import {
  endAfterEach,
  send,
  sendRaw,
  service,
  startPlane,
  startRawUpstream,
  startUpstream,
  until,
} from "./testing/harness";

endAfterEach();

const BODY = '{"model":"m"}';
const REQUEST = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
const SSE =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n";
const chunk = (data: string) => `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;
const event = (n: number) => `data: {"n":${n}}\n\n`;

/** A client that tells what it has got so far. */
function stream(
  port: number,
): Promise<{ got: () => string; response: IncomingMessage; request: ClientRequest }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, method: "POST", path: "/v1/chat/completions", agent: false },
      (response) => {
        let got = "";
        response.on("data", (data: Buffer) => {
          got += data.toString();
        });
        response.on("error", () => undefined);
        resolve({ got: () => got, response, request });
      },
    );
    request.on("error", reject);
    request.end(BODY);
  });
}

describe("a stream", () => {
  test("passes on each event when it comes, the head before the first", async () => {
    const { url, sockets } = await startRawUpstream((socket) => socket.write(`${SSE}\r\n`));
    const { port } = await startPlane([service(url)]);
    const { got, response } = await stream(port);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    for (let n = 1; n <= 3; n++) {
      sockets[0]?.write(chunk(event(n)));
      await until(() => got() === [1, 2, 3].slice(0, n).map(event).join(""));
    }
    sockets[0]?.write("0\r\n\r\n");
    await until(() => response.complete);
    expect(got()).toBe(event(1) + event(2) + event(3));
  });

  const died = (received: string) => {
    const [before, error] = received.split('\n\ndata: {"error"');
    return { before, error: JSON.parse(`{"error"${error}`) as { error: { code: string } } };
  };

  test.each<[string, (socket: Socket) => void, string]>([
    ["closes", (socket) => socket.end(), "upstream_closed"],
    ["is reset", (socket) => socket.resetAndDestroy(), "upstream_closed"],
    ["sends garbage", (socket) => socket.write("garbage"), "upstream_invalid_reply"],
    ["falls silent", () => undefined, "upstream_read_timeout"],
  ])("ends in an error event when its upstream %s", async (_, die, code) => {
    const { url, sockets } = await startRawUpstream((socket) => socket.write(`${SSE}\r\n${chunk(event(1))}`));
    const timeouts = { connectMs: 1_000, writeMs: 1_000, readMs: 150 };
    const { port } = await startPlane([service(url, { upstreamTimeouts: timeouts })]);
    const { got, response } = await stream(port);
    await until(() => got() === event(1));
    die(sockets[0] as Socket);
    await until(() => response.complete);
    expect(died(got())).toMatchObject({ before: event(1), error: { error: { code } } });
    expect(got().endsWith("\n\n")).toBe(true);
    expect(got()).not.toContain("[DONE]");
  });

  test("that had announced a length has room for the error event", async () => {
    const head = SSE.replace("transfer-encoding: chunked", "content-length: 1000");
    const { url } = await startRawUpstream((socket) => socket.end(`${head}\r\n${event(1)}`));
    const { port } = await startPlane([service(url)]);
    const { body } = await send(port);
    expect(died(body)).toMatchObject({ before: event(1), error: { error: { code: "upstream_closed" } } });
  });

  test.each<[string, string]>([
    ["that is compressed", `${SSE}content-encoding: gzip\r\n`],
    ["that is no event stream", SSE.replace("text/event-stream", "application/x-ndjson")],
  ])("%s is cut", async (_, head) => {
    const { url } = await startRawUpstream((socket) => {
      socket.write(`${head}\r\n${chunk("data")}`);
      setTimeout(() => socket.destroy(), 20);
    });
    const { port } = await startPlane([service(url)]);
    await expect(send(port)).rejects.toThrow(/aborted|ECONNRESET/);
  });

  test("that is cut does not end properly for a client of HTTP/1.0 either", async () => {
    const { url } = await startRawUpstream((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ndata");
      setTimeout(() => socket.destroy(), 20);
    });
    const { port } = await startPlane([service(url)]);
    await expect(sendRaw(port, REQUEST.replace("HTTP/1.1", "HTTP/1.0"))).rejects.toThrow("ECONNRESET");
  });
});

test("a compressed reply passes as it is", async () => {
  const zipped = gzipSync("hello");
  const { url } = await startUpstream((response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(zipped),
  );
  const { port } = await startPlane([service(url)]);
  const raw = await sendRaw(port, REQUEST.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  expect(raw).toContain("content-encoding: gzip");
  expect(raw).toContain(zipped.toString("latin1"));
});

test("a client of HTTP/1.0 gets no chunks", async () => {
  const { url } = await startRawUpstream((socket) => socket.write(`${SSE}\r\n${chunk(event(1))}0\r\n\r\n`));
  const { port } = await startPlane([service(url)]);
  const raw = await sendRaw(port, REQUEST.replace("HTTP/1.1", "HTTP/1.0"));
  expect(raw.split("\r\n\r\n")[1]).toBe(event(1));
});

test("a slow client holds the upstream back, and gets everything", async () => {
  const size = 32 * 1024 * 1024;
  let written = 0;
  const { url } = await startUpstream((response) => {
    response.writeHead(200, { "content-length": String(size) });
    const piece = Buffer.alloc(64 * 1024, "x");
    const more = () => {
      while (written < size) {
        written += piece.length;
        if (!response.write(piece)) return response.once("drain", more);
      }
      return response.end();
    };
    more();
  });
  const { port } = await startPlane([
    service(url, { upstreamTimeouts: { connectMs: 500, writeMs: 500, readMs: 300 } }),
  ]);
  const client = connect(port, "127.0.0.1");
  let got = 0;
  client.on("data", (data) => {
    got += data.length;
  });
  client.pause();
  client.write(REQUEST);
  // Longer than the upstream's silence may be: it is not silent but held back.
  await new Promise((next) => setTimeout(next, 700));
  expect(written).toBeLessThan(size / 2);
  client.resume();
  await until(() => got >= size, 10_000);
  client.destroy();
}, 20_000);

test("a client that accepts nothing more is given up", async () => {
  const { url, sockets } = await startRawUpstream((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n");
    socket.write(Buffer.alloc(67108864, "x"));
  });
  const { port } = await startPlane([service(url)], { clientTimeouts: { stallMs: 200 } });
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  client.pause();
  client.write(REQUEST);
  await until(() => sockets.length === 1);
  await until(() => sockets[0]?.destroyed === true);
  client.destroy();
});

test("a reply of any length needs little memory", async () => {
  const size = 256 * 1024 * 1024;
  const piece = Buffer.alloc(256 * 1024, "x");
  const { url } = await startUpstream((response) => {
    let left = size;
    const more = () => {
      while (left > 0) {
        left -= piece.length;
        if (!response.write(piece)) return response.once("drain", more);
      }
      return response.end();
    };
    more();
  });
  const { port } = await startPlane([service(url)]);
  const client = connect(port, "127.0.0.1");
  let got = 0;
  let most = 0;
  client.on("data", (data) => {
    got += data.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  });
  client.write(REQUEST);
  await until(() => got >= size, 15_000);
  expect(most).toBeLessThan(128 * 1024 * 1024);
  client.destroy();
}, 20_000);
