import type { DataPlaneOptions } from "./server";

/**
 * What a worker is told at its start, before its first snapshot. The primary starts `worker.js` with
 * `cluster.fork(workerEnvironment(settings))` (or `child_process.fork`), the serialization set to `advanced`.
 */
export interface WorkerSettings extends Omit<DataPlaneOptions, "onDefect"> {
  readonly host: string;
  /** 0 picks one; `listening` tells which. The workers of one cluster get the same. */
  readonly port: number;
  /** How long requests under way may go on after SIGTERM; 30 s by default. */
  readonly drainMs?: number;
}

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
