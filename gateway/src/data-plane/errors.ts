/** What a client is told, in the shape of OpenAI's errors. */
interface Definition<Params extends readonly unknown[]> {
  readonly status: number;
  readonly type: "invalid_request_error" | "authentication_error" | "rate_limit_error" | "server_error";
  /** The request's field that is wrong. */
  readonly param?: string;
  /** The same request would fail again, so that a client library should not send it a second time. */
  readonly hopeless: boolean;
  /** Names and values, in turn. */
  readonly headers?: (...params: Params) => readonly string[];
  readonly message: (...params: Params) => string;
}

const define = <Params extends readonly unknown[] = []>(definition: Definition<Params>) => definition;

const request = { type: "invalid_request_error", hopeless: true } as const;
const upstream = { type: "server_error", hopeless: false } as const;
const misconfigured = { type: "server_error", hopeless: true } as const;

/** Every error that the data plane itself gives. Texts name no key, no address and no service. */
const CATALOGUE = {
  invalid_http: define({
    ...request,
    status: 400,
    message: () => "The request is not valid HTTP/1.1.",
  }),
  repeated_credential: define({
    ...request,
    status: 400,
    message: () => "The request carries more than one `authorization` header. Send one.",
  }),
  invalid_json: define<[{ problem: string }]>({
    ...request,
    status: 400,
    message: ({ problem }) => `The body is not a JSON object: ${problem}.`,
  }),
  ambiguous_model: define({
    ...request,
    status: 400,
    param: "model",
    message: () => "The body names `model` more than once, or in a disguised form. Send one plain `model`.",
  }),
  invalid_model: define({
    ...request,
    status: 400,
    param: "model",
    message: () => "`model` is not a string.",
  }),
  model_required: define({
    ...request,
    status: 400,
    param: "model",
    message: () => "The body names no `model`, and this API has no default.",
  }),
  invalid_api_key: define({
    status: 401,
    type: "authentication_error",
    hopeless: true,
    headers: () => ["www-authenticate", "Bearer"],
    message: () => "A valid API key is required: `Authorization: Bearer KEY`.",
  }),
  no_route: define<[{ method: string; path: string }]>({
    ...request,
    status: 404,
    message: ({ method, path }) =>
      `No API serves ${method} ${shortened(path)} for a request with these headers.`,
  }),
  model_not_found: define<[{ model: string }]>({
    ...request,
    status: 404,
    param: "model",
    message: ({ model }) => `The model \`${shortened(model)}\` does not exist or is not allowed here.`,
  }),
  method_not_allowed: define<[{ method: string; allow: string }]>({
    ...request,
    status: 405,
    headers: ({ allow }) => ["allow", allow],
    message: ({ method, allow }) => `${method} is not allowed here. Use ${allow}.`,
  }),
  request_timeout: define({
    ...request,
    status: 408,
    hopeless: false,
    message: () => "The request did not arrive in time.",
  }),
  body_too_large: define<[{ limit: number }]>({
    ...request,
    status: 413,
    message: ({ limit }) => `The body is larger than ${limit} bytes.`,
  }),
  unsupported_body: define<[{ found: string }]>({
    ...request,
    status: 415,
    message: ({ found }) => `A body with ${found} is not supported here. Send plain JSON.`,
  }),
  expectation_failed: define({
    ...request,
    status: 417,
    message: () => "The only expectation that can be met is `100-continue`.",
  }),
  upstream_rate_limited: define({
    type: "rate_limit_error",
    hopeless: false,
    status: 429,
    message: () => "The model service has no capacity left for this request. Try again later.",
  }),
  headers_too_large: define({
    ...request,
    status: 431,
    message: () => "The request's headers are too large.",
  }),
  internal_error: define({
    ...upstream,
    status: 500,
    message: () => "The gateway failed to handle the request.",
  }),
  upstream_credentials: define({
    ...misconfigured,
    status: 502,
    message: () => "The model service refused the gateway's credentials.",
  }),
  upstream_key_unset: define({
    ...misconfigured,
    status: 502,
    message: () => "None of the gateway's credentials for the model service has a usable value.",
  }),
  upstream_key_not_allowed: define({
    ...misconfigured,
    status: 502,
    message: () => "The gateway's credentials may not be sent to the model service's host.",
  }),
  upstream_address_refused: define({
    ...misconfigured,
    status: 502,
    message: () => "The model service's address is one that the gateway does not connect to.",
  }),
  upstream_redirect: define<[{ status: number }]>({
    ...misconfigured,
    status: 502,
    message: ({ status }) => `The model service answered with a redirect (${status}), which is not followed.`,
  }),
  upstream_unreachable: define<[{ cause: string }]>({
    ...upstream,
    status: 502,
    message: ({ cause }) => `The model service cannot be reached (${cause}).`,
  }),
  upstream_closed: define({
    ...upstream,
    status: 502,
    message: () => "The model service closed the connection before its answer was complete.",
  }),
  upstream_invalid_reply: define<[{ cause: string }]>({
    ...upstream,
    status: 502,
    message: ({ cause }) => `The model service's answer is not valid HTTP (${cause}).`,
  }),
  api_unbound: define({
    ...misconfigured,
    status: 503,
    message: () => "No model service is bound to this API.",
  }),
  gateway_busy: define({
    ...upstream,
    status: 503,
    headers: () => ["retry-after", "1"],
    message: () => "The gateway holds as many request bodies as it can. Try again in a moment.",
  }),
  upstream_connect_timeout: define({
    ...upstream,
    status: 504,
    message: () => "The connection to the model service took too long.",
  }),
  upstream_write_timeout: define({
    ...upstream,
    status: 504,
    message: () => "The model service took too long to accept the request.",
  }),
  upstream_read_timeout: define({
    ...upstream,
    status: 504,
    message: () => "The model service was silent for too long.",
  }),
} satisfies Record<string, Definition<never[]>>;

export type ErrorCode = keyof typeof CATALOGUE;

/** The codes of all errors that a client may see. */
export const ERROR_CODES = Object.keys(CATALOGUE) as readonly ErrorCode[];

type ParamsOf<Code extends ErrorCode> = Parameters<(typeof CATALOGUE)[Code]["message"]>;

/** An error as the client gets it. Steps of the request path throw it; nothing else reaches a client. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly status: number,
    /** Names and values, in turn. */
    readonly headers: readonly string[],
    /** The error object in JSON. */
    readonly json: string,
  ) {
    super(code);
  }
}

/** Makes the error of this code; what its text needs is demanded by its type. */
export function refusal<Code extends ErrorCode>(code: Code, ...params: ParamsOf<Code>): Refusal {
  const definition = CATALOGUE[code] as unknown as Definition<ParamsOf<Code>>;
  const { status, type, param = null, hopeless, headers } = definition;
  const error = { message: definition.message(...params), type, param, code };
  return new Refusal(
    code,
    status,
    [
      "content-type",
      "application/json",
      ...(hopeless ? ["x-should-retry", "false"] : []),
      ...(headers?.(...params) ?? []),
    ],
    JSON.stringify({ error }),
  );
}

const MAX_ECHO = 128;

/** What a client sent can be megabytes long; its answer need not be. */
function shortened(text: string): string {
  return text.length <= MAX_ECHO ? text : `${text.slice(0, MAX_ECHO)}...`;
}
