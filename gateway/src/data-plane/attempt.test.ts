import type { Socket } from "node:net";
import { AddressGuard } from "./addresses";
import { Attempt, type AttemptListener } from "./attempt";
import { ConnectionPools } from "./connections";
import { compileService } from "./service";
import { endAfterEach, service, startRawUpstream, until } from "./testing/harness";

endAfterEach();

const REQUEST = { method: "GET", path: "/", headers: [], body: null } as const;
const pools = () =>
  new ConnectionPools(new AddressGuard({ refusePrivate: false, ownListeners: [] }), (defect) => {
    throw defect;
  });

/** Records what it hears; holds the reply at the first data. */
class Holding implements AttemptListener {
  readonly heard: string[] = [];
  #attempt: Attempt | undefined;

  onHead(attempt: Attempt, status: number): void {
    this.#attempt = attempt;
    this.heard.push(String(status));
  }

  onData(chunk: Buffer): void {
    this.heard.push(chunk.toString());
    this.#attempt?.hold();
  }

  onEnd(): void {
    this.heard.push("end");
  }

  onFailure({ code }: { code: string }): void {
    this.heard.push(code);
  }

  release(): void {
    this.#attempt?.release();
  }
}

const CLOSE = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
const wait = (ms: number) => new Promise((next) => setTimeout(next, ms));

// With undici's own pause each of these ends the process.
describe("a reply that is held while its connection ends", () => {
  const end = (socket: Socket) => socket.end();
  const reset = (socket: Socket) => socket.resetAndDestroy();

  test.each<[string, string, (socket: Socket) => void, string]>([
    ["a body as long as its connection, which ends", `${CLOSE}\r\n`, end, "end"],
    ["a body as long as its connection, which is reset", `${CLOSE}\r\n`, reset, "upstream_closed"],
    [
      "a body of known length, the connection ends",
      `${CLOSE}content-length: 99\r\n\r\n`,
      end,
      "upstream_invalid_reply",
    ],
    [
      "a body of known length, the connection is reset",
      `${CLOSE}content-length: 99\r\n\r\n`,
      reset,
      "upstream_",
    ],
  ])("%s", async (_, head, finish, outcome) => {
    const { url, sockets } = await startRawUpstream((socket) => socket.write(`${head}one`));
    const compiled = compileService(service(url), pools());
    const listener = new Holding();
    new Attempt(compiled, compiled.pool.take(), listener).start({ ...REQUEST, headers: [] });
    await until(() => listener.heard.includes("one"));
    finish(sockets[0] as Socket);
    await wait(50);
    listener.release();
    await until(() => listener.heard.length === 3);
    expect(listener.heard.slice(0, 2)).toEqual(["200", "one"]);
    expect(listener.heard[2]).toMatch(new RegExp(`^${outcome}`));
  });
});

test("held data stays at the upstream until it is released, in order", async () => {
  const { url, sockets } = await startRawUpstream((socket) => socket.write(`${CLOSE}\r\none`));
  const compiled = compileService(service(url), pools());
  const listener = new Holding();
  new Attempt(compiled, compiled.pool.take(), listener).start({ ...REQUEST, headers: [] });
  await until(() => listener.heard.includes("one"));
  for (const piece of ["two", "three"]) {
    sockets[0]?.write(piece);
    await wait(20);
  }
  expect(listener.heard).toEqual(["200", "one"]);
  listener.release();
  await until(() => listener.heard.join("").includes("two"));
  listener.release();
  sockets[0]?.end();
  await until(() => listener.heard.includes("end"));
  expect(listener.heard.join(" ")).toMatch(/^200 one two ?three end$/);
});
