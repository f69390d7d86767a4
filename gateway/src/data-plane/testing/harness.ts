import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server,
  type Socket,
} from "node:net";
import type { ServedApi, ServedKey, ServedService } from "@modelgateway/schema";
import { createDataPlane, type DataPlane, type DataPlaneOptions } from "../server";

/** What to end after the test, the latest first. */
const started: (() => Promise<void> | void)[] = [];

/** To be called once in each test file. */
export function endAfterEach(): void {
  afterEach(async () => {
    for (const end of started.splice(0).reverse()) await end();
  });
}

export const key = (value: string, given: Partial<ServedKey> = {}): ServedKey => ({
  id: `key-${value}`,
  name: value,
  value,
  allowedHosts: [],
  ...given,
});

export const service = (upstreamUrl: string, given: Partial<ServedService> = {}): ServedService => ({
  id: "service",
  name: "service",
  modelProvider: "DeepSeek",
  protocol: "OpenAI/v1",
  upstreamUrl,
  upstreamUrlMode: "AutoConcat",
  keys: [],
  modelSelector: "PassThrough",
  defaultModel: "",
  allowedModels: [],
  onDisallowedModel: "reject",
  modelRewrites: [],
  fallbackModels: [],
  fallbackServices: [],
  retries: 0,
  quota: { requestsPerMinute: 0, tokensPerMinute: 0, concurrency: 0 },
  ...given,
  upstreamTimeouts: { connectMs: 2_000, writeMs: 2_000, readMs: 2_000, ...given.upstreamTimeouts },
});

const CHAT = "/v1/chat/completions";

/** Serves chat and the model list, without a credential, bound to `service`. */
export const api = (given: Partial<ServedApi> = {}): ServedApi => ({
  id: "api",
  name: "api",
  auth: "none",
  matchHeaders: [],
  routes: [
    { method: "POST", path: CHAT, forwardedPath: CHAT },
    { method: "GET", path: "/v1/models", forwardedPath: "/v1/models" },
  ],
  serviceId: "service",
  ...given,
});

export interface RunningPlane {
  readonly plane: DataPlane;
  readonly port: number;
  readonly url: string;
  /** What the data plane thinks of as its own defects. */
  readonly defects: unknown[];
}

/** A data plane that serves these. A defect of its own fails the test. */
export async function startPlane(
  services: readonly ServedService[],
  options: DataPlaneOptions & { readonly apis?: readonly ServedApi[] } = {},
): Promise<RunningPlane> {
  const defects: unknown[] = [];
  const plane = createDataPlane({ ...options, onDefect: (defect) => defects.push(defect) });
  plane.apply({ revision: 1, apis: options.apis ?? [api()], services, removed: [] });
  const port = await plane.listen("127.0.0.1", 0);
  started.push(async () => {
    await plane.close();
    expect(defects).toEqual([]);
  });
  return { plane, port, url: `http://127.0.0.1:${port}`, defects };
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** An upstream that speaks proper HTTP. By default it answers `{}`. */
export async function startUpstream(
  answer: (response: ServerResponse, received: Received, count: number) => void = (response) =>
    response.writeHead(200, { "content-type": "application/json" }).end("{}"),
): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const one = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
      answer(response, one, received.push(one));
    });
  });
  return { url: await listen(server), received };
}

/** An upstream that sees and sends bytes. `count` is the number of the connection, from 1. */
export async function startRawUpstream(
  onData: (socket: Socket, data: string, count: number) => void,
): Promise<{ readonly url: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createNetServer((socket) => {
    const count = sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => onData(socket, data.toString("latin1"), count));
  });
  const url = await listen(server);
  return { url, sockets };
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  started.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The code of an OpenAI-shaped error. */
  readonly code: string | undefined;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
}

export const CHAT_BODY = { model: "m", messages: [{ role: "user", content: "Hi" }] };

/** One request on a connection of its own; a chat where nothing else is said. Rejects where the reply is cut. */
export function send(port: number, sent: Sent = {}): Promise<Answer> {
  const {
    method = "POST",
    path = CHAT,
    headers = {},
    body = method === "POST" ? CHAT_BODY : undefined,
  } = sent;
  const bytes = typeof body === "object" && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
  return new Promise((resolve, reject) => {
    const type = bytes === undefined ? {} : { "content-type": "application/json" };
    const length = bytes === undefined ? {} : { "content-length": String(Buffer.byteLength(bytes)) };
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path, agent: false, headers: { ...type, ...length, ...headers } },
      (response) => collect(response).then(resolve, reject),
    );
    request.on("error", reject);
    request.end(bytes);
  });
}

export async function collect(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, headers: response.headers, body, code: codeOf(body) };
}

export function codeOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}

/** Sends bytes and gives back everything that comes until the connection ends. */
export function sendRaw(port: number, ...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let got = "";
    socket.on("data", (data) => {
      got += data.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(got));
    socket.on("connect", async () => {
      for (const piece of pieces) {
        socket.write(piece, "latin1");
        await new Promise((next) => setTimeout(next, 10));
      }
    });
  });
}

/** The status and the error code of a raw answer. */
export function outcome(raw: string): string {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  return [head.split(" ")[1], codeOf(rest.join("\r\n\r\n"))].filter(Boolean).join(" ");
}

/** Waits until it holds. */
export async function until(holds: () => boolean, withinMs = 2_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It did not come about within ${withinMs} ms.`);
    await new Promise((next) => setTimeout(next, 5));
  }
}
