import type { IncomingHttpHeaders } from "node:http";
import { endReply } from "./answer";
import type { Attempt } from "./attempt";
import type { Refusal } from "./errors";
import type { Exchange } from "./exchange";
import { headersForClient } from "./headers";

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
    this.exchange.awaitClient();
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
    this.exchange.clientIsBack();
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
