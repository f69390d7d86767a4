import type { IncomingMessage } from "node:http";
import { refusal } from "./errors";
import type { Exchange } from "./exchange";
import { RequestBody } from "./request-body";

/** The memory that all request bodies together may take. */
export class BodyBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** The client went away; there is nobody to answer. */
export class ClientGone extends Error {}

/**
 * Buffers the body: a resend replays it, and its length must be known. The budget is taken as bytes arrive, so
 * that announcing a long body costs nobody anything.
 */
export function receiveBody(exchange: Exchange, limit: number): Promise<RequestBody> {
  const { request, response } = exchange;
  refuseEncoded(request);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw refusal("body_too_large", { limit });
  if (exchange.awaitsContinue) response.writeContinue();
  return new Promise((resolve, reject) => {
    const body = new Chunks();
    const stop = (error: Error) => {
      request.off("data", receive).off("end", complete);
      exchange.stop = undefined;
      reject(error);
    };
    const receive = (chunk: Buffer) => {
      if (body.length + chunk.length > limit) return stop(refusal("body_too_large", { limit }));
      if (!exchange.reserve(chunk.length)) return stop(refusal("gateway_busy"));
      body.add(chunk);
    };
    const complete = () => {
      exchange.stop = undefined;
      resolve(body.whole());
    };
    exchange.stop = () => stop(new ClientGone());
    request.on("data", receive).on("end", complete);
  });
}

/** The scanner and the vendors read plain JSON. */
function refuseEncoded({ headers }: IncomingMessage): void {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw refusal("unsupported_body", { found: "`content-encoding`" });
  }
  if (headers["content-type"]?.trimStart().toLowerCase().startsWith("multipart/")) {
    throw refusal("unsupported_body", { found: "a multipart `content-type`" });
  }
}

/** Chunks below this are gathered: a Buffer of its own for each would take many times their memory. */
const SMALL = 1024;
const BLOCK = 16 * 1024;

/** The chunks of a body while it arrives. */
class Chunks {
  length = 0;
  readonly #chunks: Buffer[] = [];
  #block: Buffer | undefined;
  #gathered = 0;

  add(chunk: Buffer): void {
    this.length += chunk.length;
    if (chunk.length < SMALL && this.#chunks.length > 0) {
      this.#gather(chunk);
      return;
    }
    this.#keepGathered();
    this.#chunks.push(chunk);
  }

  whole(): RequestBody {
    this.#keepGathered();
    return new RequestBody(this.#chunks, this.length);
  }

  #gather(chunk: Buffer): void {
    if (this.#gathered + chunk.length > BLOCK) this.#keepGathered();
    this.#block ??= Buffer.allocUnsafe(BLOCK);
    this.#gathered += chunk.copy(this.#block, this.#gathered);
  }

  #keepGathered(): void {
    if (!this.#block || this.#gathered === 0) return;
    this.#chunks.push(Buffer.from(this.#block.subarray(0, this.#gathered)));
    this.#gathered = 0;
  }
}
