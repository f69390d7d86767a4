import type { Refusal } from "./errors";
import type { Exchange } from "./exchange";

/** Answers with JSON that is at hand. */
export function answer(exchange: Exchange, json: Buffer): void {
  const { response } = exchange;
  response.writeHead(200, ["content-type", "application/json", "content-length", String(json.length)]);
  response.write(json);
  endReply(exchange);
}

/** The reply is complete. */
export function endReply(exchange: Exchange): void {
  const { response } = exchange;
  response.end();
  // The rest waits in the socket for a client that may never read it.
  if (response.writableLength > 0) exchange.awaitClient();
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
