import type { EventEmitter } from "node:events";
import { isIP, Socket } from "node:net";
import { buildConnector, Client } from "undici";
import { type AddressGuard, refusedError } from "./addresses";

/** How long an idle connection is kept; a server's `keep-alive` hint overrides it. */
const IDLE_MS = 30_000;

/** One connection to an upstream at a time, for one request at a time. undici reopens it where it has closed. */
export class Connection {
  readonly client: Client;
  /** The socket in use, or being opened. */
  socket: Socket | undefined;
  /** Requests that this socket has carried. */
  carried = 0;
  #isHeld = false;

  constructor(pool: ConnectionPool, onDefect: (error: unknown) => void) {
    this.client = new Client(pool.origin, {
      // Timeouts are the attempt's: undici's know neither a request still being written nor a slow client.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      connect: (options, callback) => {
        this.carried = 0;
        this.socket = pool.connect(options, callback);
        if (this.socket) this.#makeHoldable(this.socket);
      },
    });
    this.client.on("disconnect", () => pool.forget(this));
    // undici's way to tell that a handler threw. Its types do not know the event.
    (this.client as EventEmitter).on("error", onDefect);
  }

  /** What still comes is left in the socket, and so held back at the upstream. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.socket?.emit("readable");
  }

  /** The reply is complete. undici is in its loop of reading, and goes on with it. */
  complete(): void {
    this.#isHeld = false;
  }

  /**
   * undici can pause its parser itself, but its version 7 fails an assertion, outside of any handler, when a
   * connection with a paused parser ends (nodejs/undici#5360): a slow client and an upstream that hangs up would
   * end the process.
   */
  #makeHoldable(socket: Socket): void {
    const read = socket.read.bind(socket);
    socket.read = (size) => (this.#isHeld ? null : read(size));
  }

  /** Ends what is under way, and the socket with it. */
  destroy(): void {
    // It answers by way of the handler of the request under way, and has nothing else to say.
    this.client.destroy(() => undefined);
    this.socket?.destroy();
  }
}

/**
 * The connections to one origin. Unlike undici's own pool it tells whether a socket was used before, and it finds
 * a free one at once however many are busy.
 */
export class ConnectionPool {
  /** Opens a socket; absent where the guard refuses to. */
  readonly connect: (...args: Parameters<buildConnector.connector>) => Socket | undefined;
  /** The one used last comes first: the others can time out. */
  readonly #idle: Connection[] = [];
  #closed = false;

  constructor(
    readonly origin: string,
    connectMs: number,
    guard: AddressGuard,
    private readonly onDefect: (error: unknown) => void,
  ) {
    const port = portOf(origin);
    const connect = buildConnector({ timeout: connectMs, lookup: guard.lookupFor(port) });
    this.connect = (options, callback) => {
      // Node resolves no address that is one already, so the guard's resolver never sees it.
      const family = isIP(options.hostname);
      if (family !== 0 && guard.refuses(options.hostname, port)) {
        const found = [{ address: options.hostname, family }];
        callback(refusedError(options.hostname, found), null);
        return undefined;
      }
      // The types say void, yet it returns the socket at once: there is no other way to stop an attempt to connect.
      const opening: unknown = connect(options, callback);
      return opening instanceof Socket ? opening : undefined;
    };
  }

  take(): Connection {
    return this.#idle.pop() ?? new Connection(this, this.onDefect);
  }

  /** One whose socket has carried nothing yet. */
  takeFresh(): Connection {
    return new Connection(this, this.onDefect);
  }

  /** To be called once the reply is complete. */
  giveBack(connection: Connection): void {
    connection.complete();
    if (this.#closed) connection.destroy();
    else this.#idle.push(connection);
  }

  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** Requests under way end as they would have. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }
}

const portOf = (origin: string): number => {
  const { port, protocol } = new URL(origin);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
};

/** The pools in use, each shared by all services with the same origin and the same patience. */
export class ConnectionPools {
  readonly #pools = new Map<string, { readonly pool: ConnectionPool; users: number }>();

  constructor(
    private readonly guard: AddressGuard,
    private readonly onDefect: (error: unknown) => void,
  ) {}

  acquire(origin: string, connectMs: number): ConnectionPool {
    const key = keyOf(origin, connectMs);
    const entry = this.#pools.get(key) ?? { pool: this.#open(origin, connectMs), users: 0 };
    entry.users++;
    this.#pools.set(key, entry);
    return entry.pool;
  }

  release(origin: string, connectMs: number): void {
    const key = keyOf(origin, connectMs);
    const entry = this.#pools.get(key);
    if (!entry || --entry.users > 0) return;
    this.#pools.delete(key);
    entry.pool.close();
  }

  #open(origin: string, connectMs: number): ConnectionPool {
    return new ConnectionPool(origin, connectMs, this.guard, this.onDefect);
  }

  close(): void {
    for (const { pool } of this.#pools.values()) pool.close();
    this.#pools.clear();
  }
}

const keyOf = (origin: string, connectMs: number): string => `${connectMs} ${origin}`;
