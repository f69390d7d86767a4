import type { Dependent } from "@modelgateway/schema";
import {
  type Code,
  type Diagnostic,
  diagnostic,
  isError,
  isRecord,
  oneLine,
  type ParametersOf,
} from "@modelgateway/schema";

/** What is known about a refusal beyond its texts; it decides whether trying again can help. */
export interface Circumstances {
  /** The HTTP status; absent where nothing was answered. */
  readonly status?: number;
  /** The same request may succeed in a moment: 429, 503, a connection that failed. */
  readonly transient?: boolean;
  /** The gateway cannot have written anything. */
  readonly nothingWritten?: boolean;
  readonly retryAfterMs?: number;
  /** Who stands in the way of a delete. */
  readonly dependents?: readonly Dependent[];
}

/** Something was refused or could not be done; the message has one short line for each reason. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly diagnostics: readonly Diagnostic[],
    readonly circumstances: Circumstances = {},
  ) {
    const errors = diagnostics.filter(isError);
    super((errors.length > 0 ? errors : diagnostics).map(oneLine).join("\n"));
    // Engines print it, and it says nothing to whoever reads a preview.
    this.stack = "";
  }

  /** What happened, in a few words for another text. */
  get reason(): string {
    const [{ summary = "", detail = "" } = {}] = this.diagnostics;
    return `${summary}: ${detail.replace(/\. .*$|\.$/s, "")}`;
  }

  /**
   * Whether it names something that another write of the same apply may be about to make. Until that is there, no
   * other reason is final: a rename that the reference waits for may free a name as well.
   */
  get waitsForReference(): boolean {
    return this.diagnostics.some(
      ({ code, path }) => code === "reference_missing" || (code === "going" && path !== ""),
    );
  }

  /** Whether every reason has one of these codes. */
  isOnly(...codes: readonly Code[]): boolean {
    const errors = this.diagnostics.filter(isError);
    return errors.length > 0 && errors.every(({ code }) => codes.includes(code));
  }
}

/** A refusal of the catalogue; the template's parameters are checked by the compiler. */
export function refuse<C extends Code>(
  code: C,
  parameters: ParametersOf<C>,
  circumstances: Circumstances = {},
  path = "",
): Refusal {
  return new Refusal([diagnostic(code, path, parameters)], circumstances);
}

/** Reads a problem document (RFC 9457); undefined for anything else. */
export function refusalFrom(document: unknown, circumstances: Circumstances): Refusal | undefined {
  if (!isRecord(document) || typeof document.code !== "string") return undefined;
  const { code, title, detail } = document;
  const listed = Array.isArray(document.diagnostics) ? document.diagnostics.filter(isDiagnostic) : [];
  const whole = { code, severity: "error", summary: String(title), detail: String(detail), path: "" };
  const dependents = Array.isArray(document.dependents) ? (document.dependents as Dependent[]) : undefined;
  return new Refusal(listed.length > 0 ? listed : [whole as Diagnostic], {
    ...circumstances,
    ...(dependents && { dependents }),
  });
}

function isDiagnostic(value: unknown): value is Diagnostic {
  if (!isRecord(value)) return false;
  const texts = [value.code, value.severity, value.summary, value.detail, value.path];
  return texts.every((text) => typeof text === "string");
}
