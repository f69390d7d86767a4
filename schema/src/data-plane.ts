import type { ModelApiFields, ModelKeyFields, ModelServiceFields } from "./kinds";

/**
 * The contract from the control process to a data-plane worker: a snapshot stamped with a revision, then
 * deltas in order, each acknowledged by its revision. A worker knows nothing else: no store, no kinds, no names
 * to resolve; whatever no request decides is decided before it is sent.
 */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  /** What the upstream gets instead of the client's path. */
  readonly forwardedPath: string;
}

export interface ServedApi extends Pick<ModelApiFields, "name" | "auth" | "matchHeaders"> {
  readonly id: string;
  readonly routes: readonly ServedRoute[];
  /** The bound service; absent while the API is unbound. */
  readonly serviceId?: string;
}

/** A credential in clear: in the memory of the two processes only. */
export interface ServedKey extends Pick<ModelKeyFields, "name" | "allowedHosts"> {
  readonly id: string;
  /** Absent where the variable that `valueFrom` names is not set. */
  readonly value?: string;
}

export interface ServedService extends Omit<ModelServiceFields, "keys" | "fallbackServices" | "description"> {
  readonly id: string;
  readonly keys: readonly ServedKey[];
  /** Ids, in the order to try. */
  readonly fallbackServices: readonly string[];
}

/** What changed since the last revision; a snapshot is the change since nothing. */
export interface Delta {
  readonly revision: number;
  readonly apis: readonly ServedApi[];
  readonly services: readonly ServedService[];
  /** Ids of APIs and services that are no more. */
  readonly removed: readonly string[];
}

export type ToWorker = { readonly type: "snapshot" | "delta"; readonly delta: Delta };

export type FromWorker =
  /** The snapshot is compiled and the port is open. */
  | { readonly type: "listening"; readonly revision: number; readonly port: number }
  /** Every request that arrives from now on is answered by this revision or a later one. */
  | { readonly type: "served"; readonly revision: number }
  /** The port cannot be opened; the worker ends. */
  | { readonly type: "failed"; readonly problem: string };
