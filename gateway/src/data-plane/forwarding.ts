import type { IncomingHttpHeaders } from "node:http";
import { refuse } from "./answer";
import { Attempt, type AttemptListener } from "./attempt";
import type { Connection } from "./connections";
import { type Refusal, refusal } from "./errors";
import type { Exchange } from "./exchange";
import { type Failure, refusalOf } from "./failure";
import { headersForUpstream } from "./headers";
import { Reply } from "./reply";
import type { RequestBody } from "./request-body";
import type { Service } from "./service";

/** What is to be sent, whichever credential goes with it. */
export interface Forwarded {
  readonly method: "GET" | "POST";
  /** With the query. */
  readonly path: string;
  /** Absent for GET. */
  readonly body: RequestBody | undefined;
}

/**
 * The way of one request through the upstream: which credential, whether once more, and from the first acceptable
 * head on the reply. Everything happens in undici's callbacks, so that data is passed on in the very turn of the
 * event loop in which it arrived.
 */
export class Forwarding implements AttemptListener {
  #turn: number;
  #tried = 0;
  #attempts = 0;
  #resent = false;
  #rateLimited = false;
  #reply: Reply | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly service: Service,
    private readonly forwarded: Forwarded,
  ) {
    if (service.keys.problem) throw refusal(service.keys.problem);
    this.#turn = service.keys.turn();
  }

  start(): void {
    this.#attempt(this.service.pool.take());
  }

  onHead(attempt: Attempt, status: number, headers: IncomingHttpHeaders): void {
    const verdict = this.#judge(status);
    if (verdict === "pass") {
      const reply = new Reply(this.exchange, attempt);
      reply.begin(status, headers);
      this.#reply = reply;
      return;
    }
    attempt.discard();
    if (verdict === "next key") this.start();
    else refuse(this.exchange, verdict);
  }

  onData(chunk: Buffer): void {
    this.#reply?.write(chunk);
  }

  onEnd(attempt: Attempt): void {
    this.#reply?.end();
    // An earlier attempt that was given up may have a socket that is still writing the body.
    if (this.#attempts === 1 && attempt.isSent) this.forwarded.body?.recycle();
  }

  onFailure(failure: Failure, attempt: Attempt): void {
    if (this.#reply) {
      this.#reply.fail(refusalOf(failure));
    } else if (this.#isIdleClose(failure, attempt)) {
      this.#resent = true;
      this.#attempt(this.service.pool.takeFresh());
    } else {
      refuse(this.exchange, refusalOf(failure));
    }
  }

  #attempt(connection: Connection): void {
    const { service, exchange } = this;
    const { method, path, body } = this.forwarded;
    this.#attempts++;
    const attempt = new Attempt(service, connection, this);
    exchange.stop = () => attempt.abort();
    const { credentials } = service.keys;
    const credential = credentials[(this.#turn + this.#tried) % credentials.length] ?? [];
    const headers = headersForUpstream(exchange.request.headers, credential);
    attempt.start({ method, path, headers, body: body?.bytes ?? null });
  }

  /** What becomes of a reply with this status. */
  #judge(status: number): "pass" | "next key" | Refusal {
    const isRefused = status === 401 || status === 403;
    if (isRefused || status === 429) {
      this.#rateLimited ||= status === 429;
      this.#tried++;
      if (this.#tried < this.service.keys.credentials.length) return "next key";
      if (status === 429) return "pass";
      // Its body stays here: vendors echo parts of keys.
      return refusal(this.#rateLimited ? "upstream_rate_limited" : "upstream_credentials");
    }
    return REDIRECTS.has(status) ? refusal("upstream_redirect", { status }) : "pass";
  }

  /**
   * The upstream closed an idle connection while the request was on its way: it has not read it, so sending it
   * once more is no retry. On a new connection the same cannot happen.
   */
  #isIdleClose(failure: Failure, attempt: Attempt): boolean {
    return failure.code === "upstream_closed" && attempt.reused && attempt.unanswered && !this.#resent;
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 305, 307, 308]);
