import type { ServedService } from "@modelgateway/schema";
import {
  endAfterEach,
  key,
  send,
  service,
  startPlane,
  startRawUpstream,
  startUpstream,
  until,
} from "./testing/harness";

endAfterEach();

const KEYS = { keys: [key("sk-one"), key("sk-two"), key("sk-three")] };
const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

describe("keys", () => {
  /** An upstream that answers each key with a status of its own. */
  const start = async (statuses: Record<string, number>, given: Partial<ServedService> = KEYS) => {
    const { url, received } = await startUpstream((response, { headers }) => {
      const secret = headers.authorization?.replace("Bearer ", "") ?? "none";
      response.writeHead(statuses[secret] ?? 200, { "content-type": "application/json", "x-vendor": "1" });
      response.end(`{"error":{"code":"vendor","message":"Incorrect key ${secret}"}}`);
    });
    const { port } = await startPlane([service(url, given)]);
    return { port, used: () => received.map(({ headers }) => headers.authorization) };
  };

  test("are used in turn", async () => {
    const { port, used } = await start({});
    for (let n = 0; n < 4; n++) await send(port);
    expect(used()).toEqual(["Bearer sk-one", "Bearer sk-two", "Bearer sk-three", "Bearer sk-one"]);
  });

  const three = (one: number, two: number, last: number) => ({
    "sk-one": one,
    "sk-two": two,
    "sk-three": last,
  });
  test.each<[string, Record<string, number>, number, string | undefined, number]>([
    ["the next one on 401", three(401, 200, 200), 200, "vendor", 2],
    ["the next one on 403 and 429", three(403, 429, 200), 200, "vendor", 3],
    ["no other on 400", three(400, 200, 200), 400, "vendor", 1],
    ["no other on 500", three(500, 200, 200), 500, "vendor", 1],
    ["all refused: 502 without the vendor's words", three(401, 403, 401), 502, "upstream_credentials", 3],
    ["all busy: the vendor's 429", three(429, 429, 429), 429, "vendor", 3],
    [
      "one busy, the last refused: 429, still without its words",
      three(429, 401, 403),
      429,
      "upstream_rate_limited",
      3,
    ],
    ["refused, then busy: the vendor's 429", three(401, 401, 429), 429, "vendor", 3],
  ])("%s", async (_, statuses, status, code, attempts) => {
    const { port, used } = await start(statuses);
    const answer = await send(port);
    expect(answer).toMatchObject({ status, code });
    expect(used()).toHaveLength(attempts);
    const isOurs = code !== "vendor";
    expect(answer.body.includes("sk-")).toBe(!isOurs);
    expect("x-vendor" in answer.headers).toBe(!isOurs);
    expect(answer.headers["x-should-retry"]).toBe(code === "upstream_credentials" ? "false" : undefined);
  });

  test("without any, a 401 is still the gateway's problem", async () => {
    const { port, used } = await start({ none: 401 }, {});
    expect(await send(port)).toMatchObject({ status: 502, code: "upstream_credentials" });
    expect(used()).toEqual([undefined]);
  });

  test.each<[string, Partial<ServedService>, string]>([
    [
      "not allowed for the host",
      { keys: [key("a", { allowedHosts: ["api.x"] })] },
      "upstream_key_not_allowed",
    ],
    ["without a value", { keys: [{ id: "k", name: "k", allowedHosts: [] }] }, "upstream_key_unset"],
  ])("%s are not sent, nor is the request", async (_, given, code) => {
    const { port, used } = await start({}, given);
    const answer = await send(port);
    expect(answer).toMatchObject({ status: 502, code });
    expect(answer.headers["x-should-retry"]).toBe("false");
    expect(used()).toEqual([]);
  });

  test("a refusal whose body never ends holds nobody up", async () => {
    const { url, sockets } = await startRawUpstream((socket, data) => {
      if (data.includes("sk-two")) socket.write(OK);
      else socket.write(`HTTP/1.1 401 No\r\ncontent-length: 999999\r\n\r\n${"x".repeat(100_000)}`);
    });
    const { port } = await startPlane([service(url, { keys: [key("sk-one"), key("sk-two")] })]);
    expect((await send(port)).status).toBe(200);
    await until(() => sockets[0]?.destroyed === true);
  });
});

test.each([400, 402, 404, 408, 409, 413, 422, 500, 502, 503, 504, 529])(
  "%i passes through",
  async (status) => {
    const { url } = await startUpstream((response) => {
      response
        .writeHead(status, { "retry-after": "7", "x-should-retry": "true" })
        .end('{"error":{"code":"vendor"}}');
    });
    const { port } = await startPlane([service(url)]);
    const answer = await send(port);
    expect(answer).toMatchObject({ status, code: "vendor" });
    expect(answer.headers).toMatchObject({ "retry-after": "7", "x-should-retry": "true" });
  },
);

test.each([301, 302, 303, 307, 308])("a redirect (%i) is not followed", async (status) => {
  const target = await startUpstream();
  const { url } = await startUpstream((response) =>
    response.writeHead(status, { location: target.url }).end("moved"),
  );
  const { port } = await startPlane([service(url, KEYS)]);
  const answer = await send(port);
  expect(answer).toMatchObject({ status: 502, code: "upstream_redirect" });
  expect(answer.headers.location).toBeUndefined();
  expect(target.received).toEqual([]);
});

describe("a keep-alive connection that the upstream closes", () => {
  /** Answers the first request of each connection, and does something else at the next. */
  const start = async (then: "destroy" | "half an answer" | "an interim answer", secondConnection = OK) => {
    const counts: number[] = [];
    const { url, sockets } = await startRawUpstream((socket, _, connection) => {
      const count = (counts[connection] ?? 0) + 1;
      counts[connection] = count;
      if (count === 1) socket.write(connection === 1 ? OK : secondConnection);
      else if (then === "destroy") socket.destroy();
      else socket.end(then === "half an answer" ? "HTTP/1.1 200 O" : "HTTP/1.1 102 Processing\r\n\r\n");
    });
    const { port } = await startPlane([service(url)]);
    expect((await send(port)).status).toBe(200);
    return { port, sockets };
  };

  test("without a byte gets the request once more, on a new connection", async () => {
    const { port, sockets } = await start("destroy");
    expect((await send(port)).status).toBe(200);
    expect(sockets).toHaveLength(2);
  });

  test.each(["half an answer", "an interim answer"] as const)("after %s does not", async (then) => {
    const { port, sockets } = await start(then);
    expect((await send(port)).status).toBe(502);
    expect(sockets).toHaveLength(1);
  });

  test("is given up after one resend", async () => {
    const { port, sockets } = await start("destroy", "");
    const answer = send(port);
    await until(() => sockets.length === 2);
    setTimeout(() => sockets[1]?.destroy(), 20);
    expect(await answer).toMatchObject({ status: 502, code: "upstream_closed" });
    expect(sockets).toHaveLength(2);
  });

  test("while idle costs nothing", async () => {
    const { port, sockets } = await start("destroy");
    sockets[0]?.destroy();
    await new Promise((next) => setTimeout(next, 20));
    expect((await send(port)).status).toBe(200);
    expect(sockets).toHaveLength(2);
  });
});

test("connections are used again, and one closed by the upstream's wish is not", async () => {
  const { url, sockets } = await startRawUpstream((socket, _, count) => {
    if (count === 1) socket.write(OK);
    else socket.end(OK.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  });
  const { port } = await startPlane([service(url)]);
  for (let n = 0; n < 5; n++) expect((await send(port)).status).toBe(200);
  expect(sockets).toHaveLength(1);
  const closing = await startPlane([service(url)]);
  for (let n = 0; n < 3; n++) expect((await send(closing.port)).status).toBe(200);
  expect(sockets).toHaveLength(4);
});
