import type { DataPlaneOptions } from "./server";

/**
 * What a worker is told at its start, before its first snapshot. The primary starts it so:
 * ```ts
 * cluster.setupPrimary({
 *   exec: require.resolve("../data-plane/worker"),
 *   args: [],
 *   execArgv: [...WORKER_EXEC_ARGV],
 *   serialization: "advanced",
 * });
 * cluster.fork(workerEnvironment({ host, port, ownListeners: [control] }));
 * ```
 */
export interface WorkerSettings extends Omit<DataPlaneOptions, "onDefect"> {
  readonly host: string;
  /** 0 picks one; `listening` tells which. The workers of one cluster get the same. */
  readonly port: number;
  /** How long requests under way may go on after SIGTERM; 30 s by default. */
  readonly drainMs?: number;
}

/**
 * Arguments of Node for a worker. Bodies lie outside of V8's heap but count towards its limit, which V8 derives
 * from the heap: at its default, a gateway with few routes and long prompts spends a third of its time in full
 * collections.
 */
export const WORKER_EXEC_ARGV: readonly string[] = ["--initial-old-space-size=128"];

const VARIABLE = "MODELGATEWAY_WORKER";

/** The variables of the environment that carry the settings. */
export const workerEnvironment = (settings: WorkerSettings): Record<string, string> => ({
  [VARIABLE]: JSON.stringify(settings),
});

/** The settings that the primary gave. */
export function workerSettings(environment: NodeJS.ProcessEnv): WorkerSettings {
  const text = environment[VARIABLE];
  if (text === undefined) {
    throw new Error(
      `${VARIABLE} is not set: a worker is started by the gateway's primary process, not by hand.`,
    );
  }
  return JSON.parse(text) as WorkerSettings;
}
