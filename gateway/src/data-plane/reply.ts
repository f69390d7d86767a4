import type { IncomingHttpHeaders } from "node:http";
import type { Attempt } from "./attempt";
import type { Refusal } from "./errors";
import type { Exchange } from "./exchange";
import { headersForClient } from "./headers";

/** How long a client may take to accept a single byte before it is given up. */
const STALL_MS = 60_000;

/** The upstream's reply on its way to the client. */
export class Reply {
  /** Bytes, or the bare head, are on their way to the client. */
  #isSent = false;
  #isSse = false;
  #isHeld = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly attempt: Attempt,
  ) {}

  begin(status: number, upstream: IncomingHttpHeaders): void {
    this.#isSse = isPlainEventStream(upstream);
    // An event about a failure may have to follow what the upstream announced.
    if (this.#isSse) delete upstream["content-length"];
    this.exchange.response.writeHead(status, headersForClient(upstream));
    // Node holds the head back for the first data. Where none came along, the head goes alone.
    process.nextTick(sendHead, this);
  }

  write(chunk: Buffer): void {
    this.#isSent = true;
    const { response } = this.exchange;
    if (response.write(chunk) || this.#isHeld) return;
    this.#isHeld = true;
    this.attempt.hold();
    response.socket?.setTimeout(STALL_MS);
    response.once("drain", () => this.#drained());
  }

  end(): void {
    this.#isSent = true;
    endReply(this.exchange);
  }

  /** The upstream died with its reply begun. */
  fail(error: Refusal): void {
    if (!this.#isSse) {
      this.exchange.cut();
      return;
    }
    // The blank line ends an event that may have been cut short.
    this.exchange.response.write(`\n\ndata: ${error.json}\n\n`);
    this.end();
  }

  sendHead(): void {
    if (this.#isSent || this.exchange.gone) return;
    this.#isSent = true;
    this.exchange.response.flushHeaders();
  }

  #drained(): void {
    this.#isHeld = false;
    this.exchange.response.socket?.setTimeout(0);
    this.attempt.release();
  }
}

const sendHead = (reply: Reply): void => reply.sendHead();

/** A compressed stream cannot be continued by another hand. */
function isPlainEventStream(headers: IncomingHttpHeaders): boolean {
  const encoding = headers["content-encoding"];
  const isPlain = encoding === undefined || encoding === "identity";
  return isPlain && (headers["content-type"]?.toLowerCase().startsWith("text/event-stream") ?? false);
}

/** Answers with JSON that is at hand. */
export function answer(exchange: Exchange, json: Buffer): void {
  const { response } = exchange;
  response.writeHead(200, ["content-type", "application/json", "content-length", String(json.length)]);
  response.write(json);
  endReply(exchange);
}

function endReply(exchange: Exchange): void {
  const { response } = exchange;
  response.end();
  // The rest waits in the socket for a client that may never read it.
  if (response.writableLength > 0) response.socket?.setTimeout(STALL_MS);
  exchange.finish();
}

/** A request whose rest is at most this long is read to its end, so that the connection can be used again. */
const MAX_READ_TO_END = 64 * 1024;
/** How much, and for how long, a refused client's body is read, so that it sees the answer before the end. */
const MAX_LINGER_BYTES = 64 * 1024 * 1024;
const MAX_LINGER_MS = 1_000;

/** Gives the client this error; where a reply has begun already, the connection is cut. */
export function refuse(exchange: Exchange, { status, headers, json }: Refusal): void {
  const { response } = exchange;
  if (exchange.gone) return;
  if (response.headersSent) {
    exchange.cut();
    return;
  }
  const lingers = isStillSending(exchange);
  if (lingers) response.shouldKeepAlive = false;
  response.writeHead(status, [...headers, "content-length", String(Buffer.byteLength(json))]);
  response.write(json);
  if (lingers) linger(exchange);
  else endReply(exchange);
}

function isStillSending({ request }: Exchange): boolean {
  if (request.complete) return false;
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > MAX_READ_TO_END;
}

/**
 * The reply is complete for the client, yet the connection stays open for a while and what still arrives is
 * dropped: closing it at once would make the client's system throw the reply away unread.
 */
function linger(exchange: Exchange): void {
  const { request } = exchange;
  let read = 0;
  const drop = (chunk: Buffer) => {
    read += chunk.length;
    if (read > MAX_LINGER_BYTES) stop();
  };
  const stop = () => {
    clearTimeout(timer);
    request.off("data", drop).off("end", stop);
    endReply(exchange);
  };
  const timer = setTimeout(stop, MAX_LINGER_MS);
  exchange.stop = () => clearTimeout(timer);
  request.on("data", drop).on("end", stop);
}
