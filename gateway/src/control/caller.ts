import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../rules";
import type { Token } from "../store";
import { refuse } from "./problem";

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/** The tokens that the control API accepts, by their hash: a comparison that leaks nothing of the token. */
export class Tokens {
  readonly #byHash: ReadonlyMap<string, Token>;

  constructor(tokens: readonly Token[]) {
    this.#byHash = new Map(tokens.map((token) => [token.hash, token]));
  }

  /** Throws the 401 that says what is wrong. */
  authenticate(authorization: string | undefined): Token {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    const token = given === undefined ? undefined : this.#byHash.get(hashToken(given));
    if (token) return token;
    const problem = authorization === undefined ? "No token was sent" : "The token is unknown";
    throw refuse("unauthenticated", { problem }, { headers: { "www-authenticate": "Bearer" } });
  }
}

/** The longest owner or logical name, in characters. */
const MAX_OWNER = 400;

/** The owner that a request speaks for (`X-Managed-By`), and the name it has there (`X-Managed-As`). */
export function callerOf(request: FastifyRequest): Caller & { readonly managedAs: string } {
  return { owner: decoded(request, "x-managed-by"), managedAs: decoded(request, "x-managed-as") };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const UNPRINTABLE = /[\u0000-\u001f\u007f]/;

/** These headers are UTF-8 in percent-encoding: HTTP's own header values are not. */
function decoded(request: FastifyRequest, header: string): string {
  const given = request.headers[header];
  if (given === undefined) return "";
  const bad = (problem: string) => refuse("invalid_parameter", { parameter: header, problem });
  if (Array.isArray(given)) throw bad("is given twice");
  let value: string;
  try {
    value = decodeURIComponent(given);
  } catch {
    throw bad("must be UTF-8 in percent-encoding");
  }
  if ([...value].length > MAX_OWNER) throw bad(`must have ${MAX_OWNER} characters at the most`);
  if (UNPRINTABLE.test(value)) throw bad("must not contain control characters");
  return value;
}

/** A client that has learnt a gateway's id from its state must not write to another one. */
export function refuseWrongGateway(request: FastifyRequest, actual: string): void {
  const expected = request.headers["modelgateway-id"];
  if (expected === undefined || expected === actual) return;
  throw refuse("wrong_gateway", { expected: String(expected).slice(0, 64), actual });
}
