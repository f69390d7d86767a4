import {
  CATALOGUE,
  type Code,
  type Dependent,
  type Diagnostic,
  diagnostic,
  type ParametersOf,
} from "@modelgateway/schema";

/** A refused request: becomes a problem document (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly diagnostics: readonly Diagnostic[];
  readonly dependents: readonly Dependent[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    diagnostics: readonly Diagnostic[],
    dependents: readonly Dependent[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(diagnostics[0]?.summary);
    this.diagnostics = diagnostics;
    this.dependents = dependents;
    this.headers = headers;
  }

  /** The status of the first diagnostic; a body that is wrong by itself comes before a world that disagrees. */
  get status(): number {
    return Math.min(...this.diagnostics.map(({ code }) => CATALOGUE[code].status));
  }

  toJSON() {
    const first = this.diagnostics.find(({ code }) => CATALOGUE[code].status === this.status)!;
    return {
      type: `urn:modelgateway:problem:${first.code}`,
      title: CATALOGUE[first.code].title,
      status: this.status,
      detail: `${first.summary}. ${first.detail}`,
      code: first.code,
      diagnostics: this.diagnostics,
      ...(this.dependents.length > 0 && { dependents: this.dependents }),
    };
  }
}

/** A refusal for one reason. */
export function refuse<C extends Code>(
  code: C,
  parameters: ParametersOf<C>,
  { path = "", headers = {} }: { path?: string; headers?: Readonly<Record<string, string>> } = {},
): Problem {
  return new Problem([diagnostic(code, path, parameters)], [], headers);
}
