import { refuse } from "./refusal";

/** What the guard does with a verdict: refuse, only tell, or not ask at all. */
export const GUARD_MODES = ["enforce", "warn", "off"] as const;
export type GuardMode = (typeof GUARD_MODES)[number];

/** Where the gateway is, and how strict to be. */
export interface Settings {
  readonly endpoint: string;
  readonly token: string;
  readonly guard: GuardMode;
}

type Name = keyof Settings;

/** The places a setting can come from, the strongest first. */
export interface SettingSources {
  readonly argument?: Partial<Record<Name, string | undefined>>;
  /** The engine's own configuration, by a setting's name. */
  readonly config?: (name: Name) => string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Finds the settings. Throws a `not_configured` that names every place where the missing one can be set. */
export function resolveSettings(sources: SettingSources): Settings {
  return {
    endpoint: validEndpoint(required("endpoint", sources)),
    token: validToken(required("token", sources)),
    guard: resolveGuardMode(sources),
  };
}

/** The guard's mode alone: it decides what happens when the rest is missing. */
export function resolveGuardMode(sources: SettingSources): GuardMode {
  const given = lookUp("guard", sources) ?? "enforce";
  const mode = GUARD_MODES.find((one) => one === given);
  if (mode) return mode;
  const problem = `must be one of ${GUARD_MODES.map((one) => `\`${one}\``).join(", ")}`;
  throw refuse("invalid_parameter", { parameter: "guard", problem });
}

const environmentName = (name: Name): string => `MODELGATEWAY_${name.toUpperCase()}`;

/** An empty text counts as none: that is what an unset variable of a CI system looks like. */
function lookUp(name: Name, { argument, config, environment }: SettingSources): string | undefined {
  const given = [argument?.[name], config?.(name), environment[environmentName(name)]];
  return given.map((value) => value?.trim()).find((value) => value !== undefined && value !== "");
}

function required(name: Name, sources: SettingSources): string {
  const found = lookUp(name, sources);
  if (found !== undefined) return found;
  const names = [
    `the argument \`${name}\` (Terraform)`,
    `\`modelgateway:${name}\` in the stack's configuration (Pulumi)`,
    `\`${environmentName(name)}\` in the environment`,
  ];
  throw refuse("not_configured", { what: name, names });
}

/** Without a slash at its end, so that paths can be appended. */
function validEndpoint(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const invalid = (problem: string) => refuse("invalid_parameter", { parameter: "endpoint", problem });
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid("must be an http or https URL");
  // The address appears in errors, so nothing secret may be part of it.
  if (url.username || url.password) throw invalid("must not contain a user name or password: use `token`");
  if (url.search || url.hash) throw invalid("must be an address without `?` and `#`");
  return url.href.replace(/\/+$/, "");
}

function validToken(given: string): string {
  // The value itself must never be shown, so the text only says what is wrong.
  if (/^[\x21-\x7e]+$/.test(given)) return given;
  const problem = "must be printable ASCII characters without spaces";
  throw refuse("invalid_parameter", { parameter: "token", problem });
}
