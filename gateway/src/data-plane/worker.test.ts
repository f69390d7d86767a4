import { type ChildProcess, fork } from "node:child_process";
import cluster from "node:cluster";
import { join } from "node:path";
import type { Delta, FromWorker, ToWorker } from "@modelgateway/schema";
import { api, endAfterEach, send, service, startUpstream } from "./testing/harness";
import { WORKER_EXEC_ARGV, type WorkerSettings, workerEnvironment, workerSettings } from "./worker-settings";

endAfterEach();

const WORKER = join(__dirname, "worker.ts");
const EXEC_ARGV = [...WORKER_EXEC_ARGV, "-r", "ts-node/register/transpile-only"];
/** The worker runs from its source, without a build. */
const FROM_SOURCE = {
  TS_NODE_SKIP_PROJECT: "true",
  TS_NODE_COMPILER_OPTIONS: JSON.stringify({
    module: "commonjs",
    moduleResolution: "node10",
    target: "ES2022",
    ignoreDeprecations: "6.0",
  }),
};
const environment = (given: Partial<WorkerSettings>) => ({
  ...FROM_SOURCE,
  ...workerEnvironment({ host: "127.0.0.1", port: 0, ...given }),
});

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

class Worker {
  readonly said: FromWorker[] = [];
  readonly ended: Promise<number | null>;

  constructor(readonly child: ChildProcess) {
    running.add(child);
    child.on("message", (message) => this.said.push(message as FromWorker));
    this.ended = new Promise((ended) => child.on("exit", (code) => ended(code)));
  }

  static fork(given: Partial<WorkerSettings> = {}): Worker {
    const env = { ...process.env, ...environment(given) };
    return new Worker(fork(WORKER, [], { execArgv: EXEC_ARGV, serialization: "advanced", env }));
  }

  tell(type: ToWorker["type"], delta: Partial<Delta> & { revision: number }): void {
    this.child.send({ type, delta: { apis: [], services: [], removed: [], ...delta } } satisfies ToWorker);
  }

  /** Its next message. */
  async hear(): Promise<FromWorker> {
    while (this.said.length === 0) await new Promise((next) => setTimeout(next, 5));
    return this.said.shift() as FromWorker;
  }

  async listening(revision: number): Promise<number> {
    const message = await this.hear();
    expect(message).toEqual({ type: "listening", revision, port: expect.any(Number) });
    return (message as { port: number }).port;
  }
}

const wait = (ms: number) => new Promise((next) => setTimeout(next, ms));

test("listens once it has a snapshot, serves each delta that it acknowledges, and ends with its primary", async () => {
  const { url } = await startUpstream();
  const worker = Worker.fork();
  await wait(1_500);
  expect(worker.said).toEqual([]);
  worker.tell("snapshot", { revision: 7, apis: [api()] });
  const port = await worker.listening(7);
  expect((await send(port)).code).toBe("api_unbound");
  worker.tell("delta", { revision: 8, services: [service(url)] });
  expect(await worker.hear()).toEqual({ type: "served", revision: 8 });
  expect((await send(port)).status).toBe(200);
  worker.tell("snapshot", { revision: 9 });
  expect(await worker.hear()).toEqual({ type: "served", revision: 9 });
  expect((await send(port)).code).toBe("no_route");
  worker.child.disconnect();
  expect(await worker.ended).toBe(0);
}, 20_000);

test("SIGINT is not for it; SIGTERM lets what is under way end", async () => {
  const { url, received } = await startUpstream((response) => {
    response.write("begun ");
    setTimeout(() => response.end("ended"), 500);
  });
  const worker = Worker.fork();
  worker.tell("snapshot", { revision: 1, apis: [api()], services: [service(url)] });
  const port = await worker.listening(1);
  worker.child.kill("SIGINT");
  const reply = send(port);
  while (received.length === 0) await wait(5);
  worker.child.kill("SIGTERM");
  await wait(100);
  await expect(send(port)).rejects.toThrow("ECONNREFUSED");
  expect((await reply).body).toBe("begun ended");
  expect(await worker.ended).toBe(0);
}, 20_000);

test("SIGTERM waits no longer than it was told", async () => {
  const { url, received } = await startUpstream((response) => response.write("for ever"));
  const worker = Worker.fork({ drainMs: 100 });
  worker.tell("snapshot", { revision: 1, apis: [api()], services: [service(url)] });
  const port = await worker.listening(1);
  const reply = send(port);
  while (received.length === 0) await wait(5);
  worker.child.kill("SIGTERM");
  await expect(reply).rejects.toThrow();
  expect(await worker.ended).toBe(0);
}, 20_000);

test("a port that is taken is told, and the worker ends", async () => {
  const { url } = await startUpstream();
  const worker = Worker.fork({ port: Number(new URL(url).port) });
  worker.tell("snapshot", { revision: 1 });
  expect(await worker.hear()).toEqual({ type: "failed", problem: expect.stringContaining("EADDRINUSE") });
  expect(await worker.ended).toBe(1);
}, 20_000);

test("the workers of a cluster share one port", async () => {
  cluster.setupPrimary({ exec: WORKER, args: [], execArgv: EXEC_ARGV, serialization: "advanced" });
  const workers = [0, 1].map(() => new Worker(cluster.fork(environment({})).process));
  const ports: number[] = [];
  for (const worker of workers) {
    worker.tell("snapshot", { revision: 1, apis: [api({ serviceId: "none" })] });
    ports.push(await worker.listening(1));
  }
  expect(ports[0]).toBe(ports[1]);
  for (let n = 0; n < 4; n++) expect((await send(ports[0] ?? 0)).code).toBe("api_unbound");
  workers[0]?.child.kill("SIGTERM");
  expect(await workers[0]?.ended).toBe(0);
  expect((await send(ports[0] ?? 0)).code).toBe("api_unbound");
}, 20_000);

test("started by hand it says who starts it", () => {
  expect(() => workerSettings({})).toThrow("started by the gateway's primary process");
  const settings = { host: "127.0.0.1", port: 8080, ownListeners: [{ host: "127.0.0.1", port: 8081 }] };
  expect(workerSettings(workerEnvironment(settings))).toEqual(settings);
});
