import { AddressRefused } from "./addresses";
import { type ErrorCode, type Refusal, refusal } from "./errors";

/** How far an attempt had come. */
export type Phase = "connecting" | "waiting" | "answering";

/** Why an attempt at an upstream failed. */
export interface Failure {
  readonly code: Extract<
    ErrorCode,
    | "upstream_address_refused"
    | "upstream_unreachable"
    | "upstream_closed"
    | "upstream_invalid_reply"
    | `upstream_${string}_timeout`
  >;
  /** A code of Node or undici. Never their text, which can hold bytes of the upstream. */
  readonly cause: string;
}

/** What a client is told of it. */
export function refusalOf({ code, cause }: Failure): Refusal {
  switch (code) {
    case "upstream_unreachable":
    case "upstream_invalid_reply":
      return refusal(code, { cause });
    default:
      return refusal(code);
  }
}

/** A socket that ended, by whichever side. */
const CLOSED = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE", "ECONNABORTED"]);

/** Tells by undici's error what went wrong. */
export function failureOf(error: unknown, phase: Phase): Failure {
  const cause = codeOf(error);
  if (error instanceof AddressRefused) return { code: "upstream_address_refused", cause };
  if (cause === "UND_ERR_CONNECT_TIMEOUT") return { code: "upstream_connect_timeout", cause };
  if (phase === "connecting") return { code: "upstream_unreachable", cause };
  if (CLOSED.has(cause)) return { code: "upstream_closed", cause };
  return { code: "upstream_invalid_reply", cause };
}

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && CODE.test(code) ? code : "unknown error";
}
