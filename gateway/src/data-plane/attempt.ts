import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Connection } from "./connections";
import { type Failure, failureOf, type Phase } from "./failure";
import type { Service } from "./service";

/** What is sent. The body is whole, so that it can be sent again. */
export interface UpstreamRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer | null;
}

/** Who hears what comes of an attempt: the head, data, then either the end or a failure; or only a failure. */
export interface AttemptListener {
  onHead(attempt: Attempt, status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(attempt: Attempt): void;
  onFailure(failure: Failure, attempt: Attempt): void;
}

/** A reply that nobody wants is read up to here, for the connection's sake; a longer one costs more than it. */
const MAX_UNWANTED_BYTES = 64 * 1024;
const MAX_UNWANTED_MS = 5_000;
/** How often an attempt looks whether its request has left; only where the socket could not take all at once. */
const SENDING_CHECK_MS = 50;

/** One request on one connection, with its timeouts. */
export class Attempt implements Dispatcher.DispatchHandler {
  /** The socket had carried requests before this one. */
  reused = false;
  /** At the end of the reply: the whole request has left this process. */
  isSent = false;
  /** Not even the first byte of a reply has come. */
  unanswered = true;
  #phase: Phase = "connecting";
  #listener: AttemptListener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Failure | undefined;
  #unwantedBytes = 0;
  #over = false;

  constructor(
    private readonly service: Service,
    private readonly connection: Connection,
    listener: AttemptListener,
  ) {
    this.#listener = listener;
  }

  start(request: UpstreamRequest): void {
    this.connection.client.dispatch(request, this);
  }

  /** Ends it at once. The listener hears no more. */
  abort(): void {
    // A connection that is given back may serve another request already.
    if (this.#over) return;
    this.#listener = undefined;
    this.#end();
    this.connection.destroy();
  }

  /** The listener hears no more; the rest of the reply is read and dropped within limits. */
  discard(): void {
    this.#listener = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.abort(), MAX_UNWANTED_MS);
    this.#timer.unref();
  }

  /** Leaves what comes at the upstream. A little more than nothing still arrives. */
  hold(): void {
    this.connection.hold();
  }

  release(): void {
    // The connection may serve another request already, and be held for its sake.
    if (this.#over) return;
    this.#timer?.refresh();
    this.connection.release();
  }

  onRequestStart(): void {
    this.#phase = "waiting";
    this.reused = this.connection.carried++ > 0;
    // undici writes the request once this returns.
    process.nextTick(watchSending, this, performance.now());
  }

  onResponseStarted(): void {
    this.unanswered = false;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // An interim reply is no progress: the timer runs on, or endless ones would hold the client for ever.
    if (status < 200) return;
    this.#phase = "answering";
    this.#timer?.refresh();
    this.#listener?.onHead(this, status, headers);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#listener) {
      this.#timer?.refresh();
      this.#listener.onData(chunk);
      return;
    }
    this.#unwantedBytes += chunk.length;
    if (this.#unwantedBytes > MAX_UNWANTED_BYTES) this.abort();
  }

  onResponseEnd(): void {
    // undici takes a reset for the end of a reply that ends with its connection. It may have been cut anywhere.
    if (this.connection.socket?.errored) {
      this.onResponseError(undefined, this.connection.socket.errored);
      return;
    }
    this.#end();
    // An upstream may answer before it has taken the whole request in. Its connection is of no further use.
    this.isSent = !this.connection.socket?.writableLength;
    if (this.isSent) this.service.pool.giveBack(this.connection);
    else this.connection.destroy();
    this.#listener?.onEnd(this);
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#end();
    this.#listener?.onFailure(this.#failure ?? failureOf(error, this.#phase), this);
  }

  /** Called once the request is written, and again until the socket has taken all of it. */
  watchSending(since: number): void {
    if (this.#over || !this.#listener) return;
    clearTimeout(this.#timer);
    const { writeMs, readMs } = this.service.timeouts;
    if (this.#phase === "answering" || !this.connection.socket?.writableLength) {
      this.#timer = setTimeout(onSilence, readMs, this);
    } else if (performance.now() - since >= writeMs) {
      this.#fail("upstream_write_timeout");
    } else {
      this.#timer = setTimeout(watchSending, Math.min(SENDING_CHECK_MS, writeMs), this, since);
    }
  }

  onSilence(): void {
    // While the client is the slow one, the upstream is not silent but held back.
    if (this.connection.isHeld) this.#timer?.refresh();
    else this.#fail("upstream_read_timeout");
  }

  #fail(code: Failure["code"]): void {
    this.#failure = { code, cause: "timeout" };
    this.connection.destroy();
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

// Timers take these functions with the attempt as argument: no closure for each request.
const watchSending = (attempt: Attempt, since: number): void => attempt.watchSending(since);
const onSilence = (attempt: Attempt): void => attempt.onSilence();
