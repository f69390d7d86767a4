/**
 * Child processes that never outlive this program, and what it must undo before it ends.
 *
 * One list holds both: a command that runs, and an action registered with `onExit`. When the program ends, for
 * whatever reason, the list is worked off from the newest entry to the oldest, each entry once.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";

/** How a command is run; every field has a default. */
export interface RunOptions {
  /** Its working directory; by default this process's own. */
  cwd?: string;
  /** Its whole environment; by default this process's own. */
  env?: NodeJS.ProcessEnv;
  /** `capture` (default) keeps the output for the result and for the error, `show` lets it pass to the terminal. */
  output?: "capture" | "show";
  /** Called with each line of captured output, standard error included, as it comes. */
  onLine?: (line: string) => void;
  /** After so many milliseconds the command is killed and counts as failed; by default it has all the time. */
  timeoutMs?: number;
  /** How many milliseconds it may take to end after a SIGTERM, before it is killed. Default 10,000. */
  graceMs?: number;
}

/** A command that could not be started, failed, or took too long; the message says which, with its last output. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    message: string,
    /** Absent if the command did not start or was killed. */
    readonly exitCode?: number,
  ) {
    super(message);
  }
}

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
const OUTPUT_LINES_IN_ERROR = 20;
/** A terminal and npm both pass on the same Ctrl-C; a second one that is meant comes later than that. */
const REPEATED_SIGNAL_MS = 1_000;
/** How long the rest of a process group may take to end after the command itself. */
const STRAGGLERS_MS = 1_000;

type ExitAction = () => void | Promise<void>;

const exitActions: ExitAction[] = [];
const groups = new Set<number>();
const insideExitAction = new AsyncLocalStorage<true>();
let exitCode = 0;
let ending: Promise<void> | undefined;
let signalledAt: number | undefined;
let listening = false;

/**
 * Runs a command to its end and answers what it wrote to standard output ("" with `output: "show"`).
 * It gets no standard input, and a process group of its own: whatever is left of the group when the command
 * ends is killed, and all of it when this program ends.
 *
 * Once the program is ending, the promise stays open for good, so that nothing goes on behind the clean-up;
 * only exit actions may still run commands.
 *
 * @throws CommandError
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  // Read here: the events of a child process need not come in the context that started it.
  const cleaning = insideExitAction.getStore() === true;
  const isFrozen = () => ending !== undefined && !cleaning;
  return new Promise((resolve, reject) => {
    if (isFrozen()) return;
    const output = options.output === "show" ? "inherit" : "pipe";
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: ["ignore", output, output],
      detached: true,
    });
    const { stdout, lastLines } = collect(child, options.onLine);
    const { pid } = child;
    if (pid !== undefined) groups.add(pid);
    const forget = onExit(() => endGroup(child, options.graceMs));
    let timedOut = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            signalGroup(pid, "SIGKILL");
          }, options.timeoutMs);

    const finish = (settle: () => void) => {
      clearTimeout(timer);
      if (pid !== undefined) groups.delete(pid);
      if (isFrozen()) return;
      forget();
      settle();
    };
    const fail = (what: string, code?: number) =>
      finish(() =>
        reject(
          new CommandError([`\`${[command, ...args].join(" ")}\` ${what}`, ...lastLines()].join("\n"), code),
        ),
      );

    child.on("error", (error: NodeJS.ErrnoException) =>
      fail(error.code === "ENOENT" ? "was not found" : `could not be started: ${error.message}`),
    );
    // Stragglers would hold the pipes open, and "close" would not come. While the program ends, endGroup waits
    // for them instead.
    child.on("exit", () => isFrozen() || signalGroup(pid, "SIGKILL"));
    child.on("close", (code, signal) => {
      if (timedOut) return fail(`took longer than ${options.timeoutMs} ms`);
      if (code === 0) return finish(() => resolve(stdout()));
      return code === null ? fail(`was ended by ${signal}`) : fail(`failed with exit code ${code}`, code);
    });
  });
}

/**
 * Registers what must be undone before the program ends, and answers a function that takes it back.
 * The newest action runs first, one after the other, each exactly once: at the end of `main`, on its error, and
 * on SIGINT, SIGTERM and SIGHUP. An action that fails is reported and does not stop the others.
 */
export function onExit(action: ExitAction): () => void {
  listenForSignals();
  exitActions.push(action);
  return () => {
    const index = exitActions.lastIndexOf(action);
    if (index >= 0) exitActions.splice(index, 1);
  };
}

/**
 * Runs a program and ends the process: with the exit code that `body` answers, with 1 and the error's message
 * if it throws, with 130 on SIGINT and 143 on SIGTERM; always after the exit actions. A second signal, a second
 * or more after the first, ends it at once.
 */
export async function main(body: () => Promise<number>): Promise<void> {
  listenForSignals();
  process.on("uncaughtException", endByError);
  try {
    const code = await body();
    // A signal that came before has set the exit code already.
    if (ending === undefined) await end(code);
  } catch (error) {
    if (ending === undefined) endByError(error);
  }
}

function endByError(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  void end(1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function listenForSignals(): void {
  if (listening) return;
  listening = true;
  for (const signal of SIGNALS) process.on(signal, () => endBySignal(signal));
}

function endBySignal(signal: (typeof SIGNALS)[number]): void {
  const code = 128 + constants.signals[signal];
  if (signalledAt === undefined) {
    signalledAt = Date.now();
    void end(code);
    return;
  }
  if (Date.now() - signalledAt < REPEATED_SIGNAL_MS) return;
  for (const pid of groups) signalGroup(pid, "SIGKILL");
  process.exit(code);
}

async function end(code: number): Promise<void> {
  exitCode = code;
  ending ??= insideExitAction.run(true, cleanUp);
  await ending;
  process.exit(exitCode);
}

async function cleanUp(): Promise<void> {
  for (let action = exitActions.pop(); action !== undefined; action = exitActions.pop()) {
    try {
      await action();
    } catch (error) {
      process.stderr.write(`While cleaning up: ${messageOf(error)}\n`);
    }
  }
}

/** Asks a process group to end, and kills what has not ended in time. */
async function endGroup(child: ChildProcess, graceMs = 10_000): Promise<void> {
  if (child.pid === undefined) return;
  signalGroup(child.pid, "SIGTERM");
  await waitUntil(() => child.exitCode !== null || child.signalCode !== null, graceMs);
  // Much shorter, because where process 1 does not collect the dead (some containers), a group never looks empty.
  await waitUntil(() => !signalGroup(child.pid, 0), STRAGGLERS_MS);
  signalGroup(child.pid, "SIGKILL");
}

async function waitUntil(isSo: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Signals a process group (0 only asks for it); false if there is none. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function collect(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  const chunks: Buffer[] = [];
  const last: string[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      last.push(line);
      if (last.length > OUTPUT_LINES_IN_ERROR) last.shift();
      onLine?.(line);
    });
  }
  return { stdout: () => Buffer.concat(chunks).toString("utf8"), lastLines: () => last };
}
