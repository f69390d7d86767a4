import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { BodyBudget } from "./body";

/** One request and its reply, and what has to end with them. */
export class Exchange {
  /** The client has gone away: nobody reads what is written now. */
  gone = false;
  /** Stops what is under way when the client goes away. */
  stop: (() => void) | undefined;
  #reserved = 0;
  #finished = false;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** The client waits for `100 Continue` before it sends its body. */
    readonly awaitsContinue: boolean,
    private readonly client: ClientConnection,
    private readonly budget: BodyBudget,
  ) {}

  /** Takes memory for the request's body, until the exchange ends; false where there is none left. */
  reserve(bytes: number): boolean {
    if (!this.budget.take(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  /** The reply is written, or will never be. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.stop = undefined;
    this.budget.give(this.#reserved);
    this.client.finished(this);
  }

  /** Gives the client up where it accepts no byte for too long. Slow ones that make progress are let be. */
  awaitClient(): void {
    this.response.socket?.setTimeout(this.client.stallMs);
  }

  clientIsBack(): void {
    this.response.socket?.setTimeout(0);
  }

  /** Ends the connection without a proper end of the reply, so that the client sees it is not complete. */
  cut(): void {
    // An answer to HTTP/1.0 ends where the connection does: only a reset tells it from a complete one.
    this.request.socket.resetAndDestroy();
    this.finish();
  }
}

/** A client's connection, with the exchanges under way on it: more than one where the client pipelines. */
export class ClientConnection {
  readonly #exchanges = new Set<Exchange>();
  #isLast = false;

  constructor(
    readonly socket: Socket,
    readonly stallMs: number,
  ) {
    // node:http takes its own listener away from the socket of a CONNECT.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      for (const exchange of this.#exchanges) {
        exchange.gone = true;
        exchange.stop?.();
        exchange.finish();
      }
    });
  }

  begin(exchange: Exchange): void {
    this.#exchanges.add(exchange);
    if (this.#isLast) exchange.response.shouldKeepAlive = false;
  }

  finished(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#isLast) this.#endWhenIdle();
  }

  /** Nothing has been written that a raw answer would spoil: no reply has begun, none is due before it. */
  get canBeAnswered(): boolean {
    const [first, second] = this.#exchanges;
    return this.socket.writable && second === undefined && !first?.response.headersSent;
  }

  /** Takes no further request, and ends when those under way are answered. */
  retire(): void {
    this.#isLast = true;
    for (const { response } of this.#exchanges) if (!response.headersSent) response.shouldKeepAlive = false;
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#exchanges.size === 0) this.socket.destroySoon();
  }
}
