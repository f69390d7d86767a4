import cluster, { type Worker } from "node:cluster";
import type { Delta, FromWorker, ToWorker } from "@modelgateway/schema";
import type { FastifyBaseLogger } from "fastify";
import { WORKER_EXEC_ARGV, type WorkerSettings, workerEnvironment } from "../data-plane/worker-settings";

/** A worker that has not answered for so long is killed; writes are then answered without it. */
const SILENCE_MS = 2_000;
/** A worker that dies is started again after so long, doubled up to the limit while it keeps dying. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** Longer than a worker takes to drain its streams. */
const DRAIN_MS = 35_000;

export interface WorkersOptions {
  readonly count: number;
  /** The compiled entry of a worker. */
  readonly entry: string;
  /** Where each of them listens, and what it must not connect to. */
  readonly settings: WorkerSettings;
  readonly snapshot: () => Delta;
  readonly logger: FastifyBaseLogger;
}

interface Waiting {
  readonly revision: number;
  readonly done: () => void;
}

/** One data-plane worker, from its start to its end. */
interface Running {
  readonly worker: Worker;
  /** The last revision that it serves; -1 before its snapshot is compiled. */
  served: number;
  waiting: Waiting[];
}

/** The data-plane workers of this gateway. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #running = new Set<Running>();
  /** The port in use: the one that was asked for, or the first worker's pick, which a later one takes again. */
  #port: number;
  #restartMs = RESTART_MS;
  #stopping = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#port = options.settings.port;
    cluster.setupPrimary({
      exec: options.entry,
      args: [],
      execArgv: [...process.execArgv, ...WORKER_EXEC_ARGV],
      serialization: "advanced",
    });
    // Workers accept for themselves: a connection never waits for the control process.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
  }

  get isServing(): boolean {
    return [...this.#running].some(({ served }) => served >= 0);
  }

  /** Starts all workers; resolved with the port when each of them listens. */
  async start(): Promise<number> {
    const ports = await Promise.all(Array.from({ length: this.#options.count }, () => this.#start()));
    return ports[0]!;
  }

  /** Resolved when every live worker serves this revision, has died, or was silent for too long and is killed. */
  async publish(delta: Delta): Promise<void> {
    await Promise.all([...this.#running].map((running) => this.#send(running, delta)));
  }

  /** Lets requests that run come to their end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = [...this.#running].map(
      ({ worker }) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(() => worker.process.kill("SIGKILL"), DRAIN_MS);
          worker.once("exit", () => {
            clearTimeout(timer);
            resolve();
          });
          worker.process.kill("SIGTERM");
        }),
    );
    await Promise.all(ended);
  }

  #start(): Promise<number> {
    const worker = cluster.fork(workerEnvironment({ ...this.#options.settings, port: this.#port }));
    const running: Running = { worker, served: -1, waiting: [] };
    this.#running.add(running);
    // What is committed until the snapshot arrives is part of it, or follows it as a delta.
    send(worker, { type: "snapshot", delta: this.#options.snapshot() });
    return new Promise((resolve, reject) => {
      worker.on("message", (message: FromWorker) => {
        if (message.type === "failed") return reject(new Error(message.problem));
        running.served = message.revision;
        this.#settle(running);
        if (message.type !== "listening") return;
        this.#restartMs = RESTART_MS;
        this.#port = message.port;
        resolve(message.port);
      });
      worker.once("exit", (code, signal) => {
        this.#running.delete(running);
        running.served = Number.POSITIVE_INFINITY;
        this.#settle(running);
        reject(new Error(`a data-plane worker ended (${signal ?? code}) before it served`));
        if (!this.#stopping) this.#restart(signal ?? String(code));
      });
    });
  }

  #restart(why: string): void {
    this.#options.logger.error({ why }, "a data-plane worker ended; starting another");
    const wait = this.#restartMs;
    this.#restartMs = Math.min(wait * 2, MAX_RESTART_MS);
    setTimeout(() => {
      if (!this.#stopping) this.#start().catch(() => {});
    }, wait).unref();
  }

  #send(running: Running, delta: Delta): Promise<void> {
    send(running.worker, { type: "delta", delta });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        // One that has not compiled its first snapshot serves nobody yet, and is not waited for.
        if (running.served < 0) return resolve();
        this.#options.logger.error({ revision: delta.revision }, "a data-plane worker is silent; killing it");
        running.worker.process.kill("SIGKILL");
      }, SILENCE_MS);
      running.waiting.push({
        revision: delta.revision,
        done: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  #settle(running: Running): void {
    const done = running.waiting.filter(({ revision }) => revision <= running.served);
    running.waiting = running.waiting.filter(({ revision }) => revision > running.served);
    for (const waiting of done) waiting.done();
  }
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}
