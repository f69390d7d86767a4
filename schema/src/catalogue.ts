export type Severity = "error" | "warning";

/** An object as a diagnostic names it. */
export interface Label {
  readonly kind: string;
  readonly name: string;
  /** Whose it is; left out where that does not matter. Empty: nobody's. */
  readonly owner?: string;
}

interface Entry<P> {
  /** The HTTP status of a refusal with this code. */
  readonly status: number;
  readonly severity: Severity;
  /** What the code means, without any object's name. */
  readonly title: string;
  readonly summary: (parameters: P) => string;
  readonly detail: (parameters: P) => string;
  readonly remedy: (parameters: P) => string;
}

const refusal = <P>(status: number, entry: Omit<Entry<P>, "status" | "severity">): Entry<P> => ({
  status,
  severity: "error",
  ...entry,
});

const warning = <P>(entry: Omit<Entry<P>, "status" | "severity">): Entry<P> => ({
  status: 200,
  severity: "warning",
  ...entry,
});

/** `ModelApi/qwen`, and whose it is where that is told. */
export const labelText = ({ kind, name, owner }: Label): string =>
  owner === undefined ? `${kind}/${name}` : `${kind}/${name} (${owner ? `managed by ${owner}` : "no owner"})`;

const listText = (labels: readonly Label[]): string => [...new Set(labels.map(labelText))].sort().join(", ");

const nothing = () => "";

interface FieldParameters {
  readonly of: Label;
  readonly field: string;
}

/**
 * Every refusal and warning of the product. A code is a contract: its meaning never changes, and a retired one
 * is not used again.
 */
export const CATALOGUE = {
  // The body alone is wrong.
  invalid_field: refusal<FieldParameters & { problem: string }>(400, {
    title: "A field has a value it cannot have",
    summary: ({ of, field }) => `${labelText(of)}: \`${field}\` is not valid`,
    detail: ({ field, problem }) => `\`${field}\` ${problem}.`,
    remedy: nothing,
  }),
  missing_field: refusal<FieldParameters & { problem: string }>(400, {
    title: "A required field is missing",
    summary: ({ of, field }) => `${labelText(of)}: \`${field}\` is missing`,
    detail: ({ field, problem }) => `\`${field}\` ${problem}.`,
    remedy: ({ field }) => `Set \`${field}\`.`,
  }),
  unknown_field: refusal<FieldParameters & { nearest: string }>(400, {
    title: "A field that this kind does not have",
    summary: ({ of, field }) => `${labelText(of)}: there is no field \`${field}\``,
    detail: ({ of }) => `A ${of.kind} has no such field.`,
    remedy: ({ nearest }) => (nearest ? `Did you mean \`${nearest}\`?` : "Remove it."),
  }),
  invalid_body: refusal<{ problem: string }>(400, {
    title: "The request's body cannot be read",
    summary: () => "The request's body cannot be read",
    detail: ({ problem }) => `${problem}.`,
    remedy: () => "Send one JSON document in UTF-8.",
  }),
  invalid_parameter: refusal<{ parameter: string; problem: string }>(400, {
    title: "A path, query or header parameter is not valid",
    summary: ({ parameter }) => `The parameter \`${parameter}\` is not valid`,
    detail: ({ parameter, problem }) => `\`${parameter}\` ${problem}.`,
    remedy: nothing,
  }),
  duplicate_change: refusal<{ of: Label; first: number }>(400, {
    title: "A plan changes one object twice",
    summary: ({ of }) => `${labelText(of)} is changed twice`,
    detail: ({ first }) => `Change ${first} of this plan is about the same object.`,
    remedy: () => "Keep one of the two; declare an object in one place only.",
  }),
  confirmation_required: refusal<{ target: Label; parameter: string; service: string }>(400, {
    title: "The deletion must be confirmed",
    summary: ({ target }) => `Unbinding ${labelText(target)} must be confirmed`,
    detail: ({ target, service }) => `The API ${target.name} is bound to the model service ${service}.`,
    remedy: ({ parameter }) => `Repeat the service's name: \`?${parameter}=\`.`,
  }),
  // Who asks, and for what.
  unauthenticated: refusal<{ problem: string }>(401, {
    title: "No valid token",
    summary: () => "The gateway does not accept this token",
    detail: ({ problem }) => `${problem}.`,
    remedy: () => "Send `Authorization: Bearer TOKEN` with a token of this gateway.",
  }),
  not_found: refusal<{ kind: string; reference: string }>(404, {
    title: "No such object",
    summary: ({ kind, reference }) => `${kind}/${reference} does not exist`,
    detail: ({ kind, reference }) => `The gateway has no ${kind} with the id or name \`${reference}\`.`,
    remedy: nothing,
  }),
  no_such_path: refusal<{ path: string }>(404, {
    title: "No such path",
    summary: ({ path }) => `There is nothing at ${path}`,
    detail: () => "The control API does not have this path.",
    remedy: () => "`/openapi.json` lists what it has.",
  }),
  unbound: refusal<{ api: string }>(404, {
    title: "The API has no model service",
    summary: ({ api }) => `ModelApi/${api} is not bound to a model service`,
    detail: () => "Requests through it are answered with 503.",
    remedy: () => "Create a ModelApiBinding.",
  }),
  method_not_allowed: refusal<{ method: string; allow: string }>(405, {
    title: "The path has no such method",
    summary: ({ method }) => `${method} is not possible here`,
    detail: ({ allow }) => `This path answers ${allow}.`,
    remedy: nothing,
  }),
  body_too_large: refusal<{ limit: number }>(413, {
    title: "The request's body is too large",
    summary: () => "The request's body is too large",
    detail: ({ limit }) => `The limit here is ${limit} bytes.`,
    remedy: () => "Send less at a time.",
  }),
  unsupported_media_type: refusal<{ given: string }>(415, {
    title: "The request's body is not JSON",
    summary: () => "The request's body is not JSON",
    detail: ({ given }) => `It came as \`${given}\`.`,
    remedy: () => "Send `Content-Type: application/json`, not compressed.",
  }),
  // The world disagrees.
  name_taken: refusal<{ of: Label; other: Label }>(409, {
    title: "The name is taken",
    summary: ({ of }) => `${labelText(of)} exists already`,
    detail: ({ other }) => `The name belongs to ${labelText(other)}.`,
    remedy: () => "Choose another name, or adopt (Pulumi) or import (Terraform) the existing object.",
  }),
  already_bound: refusal<{ of: Label; other: Label }>(409, {
    title: "The API is bound already",
    summary: ({ of }) => `ModelApi/${of.name} is bound already`,
    detail: ({ other }) => `An API has one model service at the most, and ${labelText(other)} binds it.`,
    remedy: () => "Change that binding's service instead, or delete it first.",
  }),
  route_taken: refusal<{ of: Label; other: Label; method: string; path: string }>(409, {
    title: "The path is served by another API",
    summary: ({ of, method, path }) => `${labelText(of)}: ${method} ${path} is taken`,
    detail: ({ other, method, path }) => `${labelText(other)} serves ${method} ${path}.`,
    remedy: () =>
      "Choose another base path, select other routes, or give the two APIs header conditions that exclude each other.",
  }),
  reference_missing: refusal<{ of: Label; field: string; target: Label }>(409, {
    title: "A referenced object does not exist",
    summary: ({ of, target }) => `${labelText(of)} refers to ${labelText(target)}, which does not exist`,
    detail: ({ field, target }) => `\`${field}\` names a ${target.kind} that is not there.`,
    remedy: ({ target }) => `Create ${labelText(target)}, or name an existing ${target.kind}.`,
  }),
  has_dependents: refusal<{ target: Label; dependents: readonly Label[] }>(409, {
    title: "There are unresolved dependencies",
    summary: ({ target }) => `${labelText(target)} is still in use`,
    detail: ({ dependents }) => `In use by ${listText(dependents)}.`,
    remedy: ({ dependents }) => {
      const what = dependents.length === 1 ? "it" : "them";
      const isDeclared = dependents.every(({ owner }) => owner !== undefined && owner !== "");
      return `Change or delete ${what} first${isDeclared ? `, where ${what === "it" ? "it is" : "they are"} declared` : ""}; then try again.`;
    },
  }),
  managed_by_other: refusal<{ target: Label; caller: string }>(409, {
    title: "The object belongs to another owner",
    summary: ({ target }) => `${labelText(target)} belongs to another owner`,
    detail: ({ caller }) => `This change comes from ${caller}.`,
    remedy: () => "Change it where it is declared, or take it over.",
  }),
  deletion_protected: refusal<{ target: Label; field: string }>(409, {
    title: "The object is protected from deletion",
    summary: ({ target }) => `${labelText(target)} is protected from deletion`,
    detail: ({ field }) => `\`${field}\` is on.`,
    remedy: ({ field }) => `Set \`${field}\` to false in a change of its own, then delete.`,
  }),
  going: refusal<{ target: Label; dependents: readonly Label[] }>(409, {
    title: "The object is being deleted",
    summary: ({ target }) => `${labelText(target)} is being deleted`,
    detail: ({ dependents }) =>
      dependents.length > 0
        ? `It goes as soon as nothing depends on it; now it is used by ${listText(dependents)}.`
        : "It goes in a moment.",
    remedy: () => "Create it again to keep it, or refer to another object.",
  }),
  confirmation_mismatch: refusal<{ target: Label; given: string; service: string }>(409, {
    title: "The confirmation names another object",
    summary: ({ target }) => `${labelText(target)} is bound to another service`,
    detail: ({ given, service }) => `The confirmation says \`${given}\`, but the API is bound to ${service}.`,
    remedy: () => "Look at the binding again, then repeat the name of its service.",
  }),
  wrong_gateway: refusal<{ expected: string; actual: string }>(409, {
    title: "Another gateway answers",
    summary: () => "The address leads to another gateway",
    detail: ({ expected, actual }) =>
      `The state belongs to gateway ${expected}, but gateway ${actual} answers.`,
    remedy: () => "Point the endpoint at the gateway that holds these objects.",
  }),
  host_not_allowed: refusal<{ service: Label; key: Label; host: string; allowed: readonly string[] }>(409, {
    title: "The key may not be sent to this host",
    summary: ({ service, key }) =>
      `${labelText(service)} would send ${labelText(key)} to a host it is not for`,
    detail: ({ host, allowed }) => `The host is ${host}; the key is for ${allowed.join(", ")}.`,
    remedy: () => "Use another key, or add the host to the key's `allowedHosts`.",
  }),
  fallback_loop: refusal<{ services: readonly Label[] }>(409, {
    title: "Fallback services lead back to the start",
    summary: ({ services }) => `${labelText(services[0]!)} would fall back to itself`,
    detail: ({ services }) => `The loop is ${[...services, services[0]!].map(labelText).join(" -> ")}.`,
    remedy: () => "Take one of them out of `fallbackServices`.",
  }),
  fixed_path_routes: refusal<{ api: Label; service: Label; routes: number }>(409, {
    title: "A FixedPath service serves one route only",
    summary: ({ api, service }) => `${labelText(api)} has too many routes for ${labelText(service)}`,
    detail: ({ routes }) =>
      `The service sends everything to one URL (\`FixedPath\`), and the API has ${routes} routes.`,
    remedy: () => "Select a single route, or use `AutoConcat`.",
  }),
  gone: refusal<{ of: Label; id: string }>(409, {
    title: "The object is gone",
    summary: ({ of }) => `${labelText(of)} is gone from the gateway`,
    detail: ({ id }) => `No object has the id ${id} any more.`,
    remedy: () => "Refresh the state (`pulumi refresh`), then plan again.",
  }),
  needs_two_steps: refusal<{ of: Label; other: Label; why: string; remedy: string }>(409, {
    title: "The change needs two steps",
    summary: ({ of, other }) => `${labelText(of)} and ${labelText(other)} cannot change in one step`,
    detail: ({ why }) =>
      `${why}. The end would be fine, but objects are written one at a time, and an order that the engine may choose fails.`,
    remedy: ({ remedy }) => `${remedy}.`,
  }),
  // The gateway itself.
  internal_error: refusal<{ requestId: string }>(500, {
    title: "The gateway failed",
    summary: () => "The gateway failed",
    detail: ({ requestId }) => `Its log says more under the request's id ${requestId}.`,
    remedy: () => "Try again; report it if it stays.",
  }),
  unavailable: refusal<{ problem: string }>(503, {
    title: "The gateway cannot answer now",
    summary: () => "The gateway cannot answer now",
    detail: ({ problem }) => `${problem}.`,
    remedy: () => "Try again in a moment.",
  }),
  // A provider before it has an answer.
  not_configured: refusal<{ what: string; names: readonly string[] }>(400, {
    title: "The provider is not configured",
    summary: ({ what }) => `No ${what} is configured`,
    detail: () => "There is no default.",
    remedy: ({ names }) => `Set one of ${names.join(", ")}.`,
  }),
  unreachable: refusal<{ endpoint: string; problem: string }>(503, {
    title: "The gateway cannot be reached",
    summary: ({ endpoint }) => `The gateway at ${endpoint} cannot be reached`,
    detail: ({ problem }) => `${problem}.`,
    remedy: () => "Check the endpoint, the network and that the gateway runs.",
  }),
  unexpected_answer: refusal<{ endpoint: string; problem: string }>(502, {
    title: "Something else than a gateway answers",
    summary: ({ endpoint }) => `What answers at ${endpoint} is not a gateway`,
    detail: ({ problem }) => `${problem}.`,
    remedy: () => "The endpoint is the control API's address, for example http://127.0.0.1:8081.",
  }),
  not_verified: refusal<{ problem: string }>(503, {
    title: "Deletes and collisions could not be verified",
    summary: () => "Routes are shown, deletes and collisions are not verified",
    detail: ({ problem }) => `${problem}.`,
    remedy: () => "Preview again when the gateway answers, or set the guard to `warn` to go on without.",
  }),
  // Warnings.
  api_unbound: warning<{ api: Label }>({
    title: "An API is left without a model service",
    summary: ({ api }) => `${labelText(api)} has no model service`,
    detail: () => "Its routes answer 503 until it is bound.",
    remedy: () => "Declare a ModelApiBinding for it.",
  }),
  drifted: warning<{ of: Label; fields: readonly string[] }>({
    title: "An object was changed elsewhere",
    summary: ({ of }) => `${labelText(of)} was changed outside this program`,
    detail: ({ fields }) => `Different: ${fields.map((field) => `\`${field}\``).join(", ")}.`,
    remedy: () => "Refresh (`pulumi refresh`), then plan again.",
  }),
  kept_gone: warning<{ of: Label; id: string }>({
    title: "An unchanged object is gone",
    summary: ({ of }) => `${labelText(of)} is gone from the gateway`,
    detail: ({ id }) => `No object has the id ${id} any more; this change leaves it so.`,
    remedy: () => "Refresh (`pulumi refresh`) to make it again.",
  }),
  renamed_reference: warning<{ of: Label; to: string; dependents: readonly Label[] }>({
    title: "A renamed object is named by other owners",
    summary: ({ of, to }) => `${labelText(of)} is renamed to ${to}`,
    detail: ({ dependents }) => `${listText(dependents)} will show the new name.`,
    remedy: () => "Change the name in their programs too.",
  }),
  undecided: warning<{ of: Label; fields: readonly string[] }>({
    title: "A rule waits for a value that is not known yet",
    summary: ({ of }) => `${labelText(of)} is not fully checked`,
    detail: ({ fields }) => `Not known yet: ${fields.map((field) => `\`${field}\``).join(", ")}.`,
    remedy: () => "The gateway checks the rest when it is written.",
  }),
} as const;

export type Code = keyof typeof CATALOGUE;
export type ParametersOf<C extends Code> = Parameters<(typeof CATALOGUE)[C]["summary"]>[0] &
  Parameters<(typeof CATALOGUE)[C]["detail"]>[0] &
  Parameters<(typeof CATALOGUE)[C]["remedy"]>[0];
