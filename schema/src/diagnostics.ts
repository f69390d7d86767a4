import type { Code, ParametersOf, Severity } from "./catalogue";
import { CATALOGUE } from "./catalogue";

/** One refusal or warning, the same from the control API, Pulumi and Terraform. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** What, in one line that names its object. */
  readonly summary: string;
  /** Why, and the way out. */
  readonly detail: string;
  /** A JSON pointer into the request's body; empty for the whole. */
  readonly path: string;
}

/** Words a diagnostic of the catalogue; the template's parameters are checked by the compiler. */
export function diagnostic<C extends Code>(code: C, path: string, parameters: ParametersOf<C>): Diagnostic {
  const entry = CATALOGUE[code];
  const fill = (text: (parameters: never) => string) => text(parameters as never);
  return {
    code,
    severity: entry.severity,
    summary: fill(entry.summary),
    detail: [fill(entry.detail), fill(entry.remedy)].filter((part) => part !== "").join(" "),
    path,
  };
}

/** The same diagnostic, seen from further outside: `/basePath` -> `/changes/3/object/basePath`. */
export const under = (prefix: string, { path, ...rest }: Diagnostic): Diagnostic => ({
  ...rest,
  path: `${prefix}${path}`,
});

export const isError = (found: Diagnostic): boolean => found.severity === "error";

/** One line for a terminal or an error message. */
export const oneLine = ({ summary, detail, path }: Diagnostic): string =>
  `${summary}${path ? ` (at ${path})` : ""}. ${detail}`;
