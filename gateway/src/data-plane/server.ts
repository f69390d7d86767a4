import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Delta } from "@modelgateway/schema";
import { AddressGuard, type Listener } from "./addresses";
import { refuse } from "./answer";
import { BodyBudget } from "./body";
import { ConnectionPools } from "./connections";
import { type Refusal, refusal } from "./errors";
import { ClientConnection, Exchange } from "./exchange";
import { handleRequest, type RequestContext } from "./request-path";
import { compileService, releaseService } from "./service";
import { RouteTable } from "./table";

const MIB = 1024 * 1024;

/** How long clients may take. */
export interface ClientTimeouts {
  /** Until the headers are complete. */
  readonly headersMs: number;
  /** Until the body is complete. */
  readonly requestMs: number;
  /** Between two requests on one connection. */
  readonly idleMs: number;
  /** Until they accept the next byte of a reply. */
  readonly stallMs: number;
}

export interface DataPlaneOptions {
  /** The largest body of a request; 32 MiB by default. */
  readonly maxBodyBytes?: number;
  /** What all bodies together may take; 256 MiB by default. */
  readonly bodyBudgetBytes?: number;
  /** Refuse upstreams in private and loopback ranges. They are allowed by default, for self-hosted models. */
  readonly refusePrivateAddresses?: boolean;
  /** The gateway's other ports, to which no service may lead; the data plane's own is known by itself. */
  readonly ownListeners?: readonly Listener[];
  readonly clientTimeouts?: Partial<ClientTimeouts>;
  /** Told of errors that are nobody's but our own. */
  readonly onDefect?: (error: unknown) => void;
}

/** Takes requests and forwards them, by what it was told to serve. */
export interface DataPlane {
  /** Serves what the delta says, from the next request on. */
  apply(delta: Delta): void;
  /** Serves this snapshot and nothing else, from the next request on. */
  replace(snapshot: Delta): void;
  /** Opens the port; 0 picks one. Resolves to the port. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more connections, lets requests under way end for so long, then ends them. */
  close(graceMs?: number): Promise<void>;
}

const CLIENT_TIMEOUTS: ClientTimeouts = {
  headersMs: 20_000,
  requestMs: 300_000,
  idleMs: 65_000,
  stallMs: 60_000,
};

export function createDataPlane(options: DataPlaneOptions = {}): DataPlane {
  return new HttpDataPlane(options);
}

class HttpDataPlane implements DataPlane {
  readonly #server: Server;
  readonly #guard: AddressGuard;
  readonly #pools: ConnectionPools;
  readonly #budget: BodyBudget;
  readonly #context: RequestContext;
  readonly #table: RouteTable;
  readonly #timeouts: ClientTimeouts;
  readonly #clients = new Map<Duplex, ClientConnection>();
  #closed: Promise<void> | undefined;

  constructor(options: DataPlaneOptions) {
    const { refusePrivateAddresses = false, ownListeners = [], onDefect = () => undefined } = options;
    this.#guard = new AddressGuard({ refusePrivate: refusePrivateAddresses, ownListeners });
    this.#pools = new ConnectionPools(this.#guard, onDefect);
    this.#budget = new BodyBudget(options.bodyBudgetBytes ?? 256 * MIB);
    this.#table = new RouteTable({
      compile: (served) => compileService(served, this.#pools),
      release: (service) => releaseService(service, this.#pools),
    });
    this.#context = { table: this.#table, maxBodyBytes: options.maxBodyBytes ?? 32 * MIB, onDefect };
    this.#timeouts = { ...CLIENT_TIMEOUTS, ...options.clientTimeouts };
    this.#server = this.#createServer();
  }

  apply(delta: Delta): void {
    this.#table.apply(delta);
  }

  replace(snapshot: Delta): void {
    this.#table.replace(snapshot);
  }

  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, host, resolve);
    });
    const address = this.#server.address() as AddressInfo;
    this.#guard.addOwnListener({ host: address.address, port: address.port });
    return address.port;
  }

  close(graceMs = 0): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    // Not http's own close: it destroys a connection whose reply is complete but not yet sent.
    const closed = new Promise<void>((resolve) =>
      NetServer.prototype.close.call(this.#server, () => resolve()),
    );
    for (const client of this.#clients.values()) client.retire();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
    this.#pools.close();
  }

  #createServer(): Server {
    const { headersMs, requestMs, idleMs } = this.#timeouts;
    const server = createServer({
      // Strict, whatever a flag of the process says: a lenient parser is how requests are smuggled.
      insecureHTTPParser: false,
      maxHeaderSize: 16 * 1024,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: idleMs,
      // TCP's own: finds out clients that vanished without a word while they waited for a reply.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      connectionsCheckingInterval: Math.min(5_000, headersMs),
      requireHostHeader: false,
    });
    server.on("connection", (socket) => this.#greet(socket));
    server.on("request", (request, response) => this.#begin(request, response, false));
    server.on("checkContinue", (request, response) => this.#begin(request, response, true));
    server.on("checkExpectation", (request, response) => {
      refuse(this.#exchange(request, response, false), refusal("expectation_failed"));
    });
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      this.#answerRaw(socket, problemOf(error.code ?? ""));
    });
    // Without a listener for `upgrade` node:http answers as if none were asked for, as RFC 9110 7.8 has it.
    server.on("connect", (_request, socket) => {
      this.#answerRaw(socket, refusal("method_not_allowed", { method: "CONNECT", allow: "GET, POST" }));
    });
    return server;
  }

  #greet(socket: Socket): ClientConnection {
    const client = new ClientConnection(socket, this.#timeouts.stallMs);
    this.#clients.set(socket, client);
    socket.once("close", () => this.#clients.delete(socket));
    if (this.#closed) client.retire();
    return client;
  }

  /** Answers on the bare socket, unless that would spoil a reply, and ends it. */
  #answerRaw(socket: Duplex, problem: Refusal | undefined): void {
    if (problem && this.#clients.get(socket)?.canBeAnswered) {
      socket.end(rawAnswer(problem), () => socket.destroy());
    } else {
      socket.destroy();
    }
  }

  #begin(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    void handleRequest(this.#context, this.#exchange(request, response, awaitsContinue));
  }

  #exchange(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Exchange {
    const client = this.#clients.get(request.socket) ?? this.#greet(request.socket);
    const exchange = new Exchange(request, response, awaitsContinue, client, this.#budget);
    client.begin(exchange);
    return exchange;
  }
}

/** What a client is told whose bytes are no request; undefined where its connection is simply gone. */
function problemOf(code: string): Refusal | undefined {
  if (code === "HPE_HEADER_OVERFLOW") return refusal("headers_too_large");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return refusal("request_timeout");
  return code.startsWith("HPE_") ? refusal("invalid_http") : undefined;
}

/** An answer in bytes, where node:http makes no response. */
function rawAnswer({ status, headers, json }: Refusal): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`];
  for (let index = 0; index < headers.length; index += 2)
    lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return [...lines, `content-length: ${Buffer.byteLength(json)}`, "connection: close", "", json].join("\r\n");
}
