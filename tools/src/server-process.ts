import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { onExit } from "./process";

/** The command-line interface of the gateway. */
const CLI = require.resolve("@modelgateway/gateway/bin/modelgateway.js");
const READY_MS = 30_000;

/** A server of ours that runs as a process of its own. */
export interface ServerProcess<Ready> {
  /** The line with which it said that it is ready. */
  readonly ready: Ready;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Ends it as an operator does (SIGTERM), and gives its exit code. Once it has ended, this does nothing. */
  stop(): Promise<number | null>;
  /** Ends it as a crash does (SIGKILL). */
  kill(): Promise<void>;
  /** Leaves it running when this process ends; otherwise it is stopped then. */
  release(): void;
}

export interface StartOptions {
  /** Where its log goes, so that it can go on when this process ends. */
  readonly logFile: string;
  /** Added to the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Its own process group: a Ctrl-C in the terminal does not reach it. */
  readonly detached?: boolean;
}

export interface GatewayReady {
  readonly control: string;
  readonly dataPlane: string;
}

/** Starts a gateway on free loopback ports. */
export function startGateway(dataDir: string, options: StartOptions): Promise<ServerProcess<GatewayReady>> {
  const free = "127.0.0.1:0";
  return start(["serve", "--data-dir", dataDir, "--control", free, "--data-plane", free], options);
}

/** Starts the stand-in model server on a free loopback port. */
export function startMockUpstream(options: StartOptions): Promise<ServerProcess<{ readonly url: string }>> {
  return start(["mock-upstream"], options);
}

async function start<Ready>(args: readonly string[], options: StartOptions): Promise<ServerProcess<Ready>> {
  const { logFile, env = {}, detached = false } = options;
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ["ignore", "pipe", log],
    env: { ...process.env, ...env },
    detached,
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const end = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  // Before anything is awaited: whoever is interrupted now has started it already.
  const release = onExit(async () => void (await end("SIGTERM")));
  const ready = (await firstLine(child, ended).catch(async (error: Error) => {
    await end("SIGKILL");
    throw new Error(`${error.message}\n${readFileSync(logFile, "utf8").trim()}`);
  })) as Ready;
  return {
    ready,
    pid: child.pid!,
    log: () => readFileSync(logFile, "utf8"),
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
    release,
  };
}

async function firstLine(child: ChildProcess, ended: Promise<number | null>): Promise<unknown> {
  const lines = createInterface({ input: child.stdout! });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it was not ready within ${READY_MS / 1000} seconds`)),
      READY_MS,
    );
  });
  const gone = ended.then((code) => Promise.reject(new Error(`it ended with ${code} before it was ready`)));
  const first = new Promise<string>((resolve) => lines.once("line", resolve));
  try {
    return JSON.parse(await Promise.race([first, late, gone]));
  } finally {
    clearTimeout(timer);
    gone.catch(() => {});
    lines.close();
    // Nothing more is read: the pipe must keep neither of the two processes alive.
    child.stdout?.destroy();
  }
}
