import { Agent, type Dispatcher, request } from "undici";
import { type Circumstances, type Refusal, refusalFrom, refuse } from "./refusal";
import { retryAfter } from "./retry";

/** One request to the control API. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Begins with a slash; its parts are percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An answer that is no refusal. */
export interface Answer {
  readonly status: number;
  /** The JSON document; undefined where the answer has no content. */
  readonly document: unknown;
}

const ANSWER_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** Failures of a connection that may be over in a moment, in words. */
const CONNECTION_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused",
  ENOTFOUND: "The host name is not known",
  EAI_AGAIN: "The host name cannot be looked up now",
  EHOSTUNREACH: "There is no way to the host",
  ENETUNREACH: "There is no way to the host's network",
  ETIMEDOUT: "The connection took too long",
  UND_ERR_CONNECT_TIMEOUT: "The connection took too long",
  ECONNRESET: "The connection broke",
  EPIPE: "The connection broke",
  UND_ERR_SOCKET: "The connection broke",
  UND_ERR_HEADERS_TIMEOUT: "The answer took too long",
  UND_ERR_BODY_TIMEOUT: "The answer took too long",
};

/** Those that come before a request can have been sent. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * HTTP to one gateway: one request, one answer, no retries. It learns the gateway's id and sticks to it, so that a
 * stack pointed at another gateway is an error and never "everything is gone".
 */
export class Transport {
  readonly #endpoint: string;
  readonly #token: string;
  readonly #agent: Dispatcher;
  #gatewayId: string | undefined;

  constructor(endpoint: string, token: string) {
    this.#endpoint = endpoint;
    this.#token = token;
    this.#agent = new Agent({
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  /** The gateway that answers here, as far as is known. */
  get gatewayId(): string | undefined {
    return this.#gatewayId;
  }

  /** Says which gateway must answer: the one that a prior state names. */
  expectGateway(id: string): void {
    if (this.#gatewayId !== undefined && this.#gatewayId !== id) throw wrongGateway(id, this.#gatewayId);
    this.#gatewayId = id;
  }

  /** Throws a `Refusal` for every answer that is no success. */
  async send(call: Call): Promise<Answer> {
    const { statusCode: status, headers, text } = await this.#exchange(call);
    const circumstances = circumstancesOf(status, headers);
    const document = isJson(headers) ? parse(text) : undefined;
    if (status >= 400) {
      const refusal = refusalFrom(document, { ...circumstances, nothingWritten: true });
      throw refusal ?? this.#unexpected(`It answers ${status} without a problem document`, circumstances);
    }
    // A redirect is not followed: the token is for this address only.
    if (status >= 300) throw this.#unexpected(`It redirects (${status})`, circumstances);
    this.#learn(oneOf(headers["modelgateway-id"]), circumstances);
    if (document === undefined && status !== 204) {
      throw this.#unexpected(`It answers ${status} without a JSON document`, circumstances);
    }
    return { status, document };
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #exchange({ method, path, query = {}, headers, body }: Call) {
    const search = new URLSearchParams(query).toString();
    try {
      const answer = await request(`${this.#endpoint}${path}${search && `?${search}`}`, {
        method,
        dispatcher: this.#agent,
        headers: {
          accept: "application/json, application/problem+json",
          authorization: `Bearer ${this.#token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(this.#gatewayId !== undefined && { "modelgateway-id": this.#gatewayId }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { statusCode: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #learn(id: string | undefined, circumstances: Circumstances): void {
    if (!id) throw this.#unexpected("Its answer names no gateway", circumstances);
    if (this.#gatewayId !== undefined && this.#gatewayId !== id) throw wrongGateway(this.#gatewayId, id);
    this.#gatewayId = id;
  }

  #unreachable(error: unknown): Refusal {
    const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
    const known = CONNECTION_FAILURES[code];
    const problem = known ?? (message || code || "The request failed");
    const circumstances = { transient: known !== undefined, nothingWritten: NEVER_SENT.has(code) };
    return refuse("unreachable", { endpoint: this.#endpoint, problem }, circumstances);
  }

  #unexpected(problem: string, circumstances: Circumstances): Refusal {
    return refuse("unexpected_answer", { endpoint: this.#endpoint, problem }, circumstances);
  }
}

function wrongGateway(expected: string, actual: string): Refusal {
  return refuse("wrong_gateway", { expected, actual }, { status: 409 });
}

type Headers = Dispatcher.ResponseData["headers"];

function circumstancesOf(status: number, headers: Headers): Circumstances {
  const retryAfterMs = retryAfter(oneOf(headers["retry-after"]));
  const transient = status === 429 || status === 503;
  return { status, transient, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

const oneOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

const isJson = (headers: Headers): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/i.test(oneOf(headers["content-type"]) ?? "");

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
