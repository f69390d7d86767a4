import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "../client";
import type { Clock } from "../retry";

export const GATEWAY_ID = "01890000000070008000000000000001";
export const TOKEN = "token-that-nobody-may-see";

/** What the client sent. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** One answer, or "cut": the connection breaks after the request has arrived. */
export type Scripted =
  | "cut"
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON; a text as it is, as HTML. */
      readonly body?: unknown;
    };

/** An HTTP server that answers by script, to try faults that a real gateway does not have. */
export class ScriptedGateway {
  readonly received: Received[] = [];
  /** What the client's clock was asked to wait for, in milliseconds. */
  readonly pauses: number[] = [];
  readonly client: Client;
  readonly endpoint: string;
  readonly #close: () => Promise<void>;

  private constructor(endpoint: string, received: Received[], close: () => Promise<void>) {
    this.endpoint = endpoint;
    this.received = received;
    this.#close = close;
    this.client = new Client({ endpoint, token: TOKEN, clock: this.#clock() });
  }

  /** Answers in this order; the last answer is repeated. */
  static async start(...script: readonly Scripted[]): Promise<ScriptedGateway> {
    const received: Received[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const { method = "", url = "", headers } = request;
      received.push({ method, url, headers, body: text === "" ? undefined : JSON.parse(text) });
      answer(response, script[Math.min(received.length, script.length) - 1]!);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new ScriptedGateway(`http://127.0.0.1:${port}`, received, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.#close();
  }

  /** Time passes only in pauses. */
  #clock(): Clock {
    let now = 0;
    return {
      now: () => now,
      random: () => 0.5,
      pause: async (ms) => {
        this.pauses.push(ms);
        now += ms;
      },
    };
  }
}

function answer(response: ServerResponse, scripted: Scripted): void {
  if (scripted === "cut") {
    response.destroy();
    return;
  }
  const { status, headers = {}, body } = scripted;
  const media = status < 400 ? "application/json" : "application/problem+json";
  response.writeHead(status, {
    "modelgateway-id": GATEWAY_ID,
    ...(body !== undefined && { "content-type": typeof body === "string" ? "text/html" : media }),
    ...headers,
  });
  response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
}

/** A problem document with one diagnostic for each code. */
export function problem(
  status: number,
  codes: readonly string[],
  dependents: readonly unknown[] = [],
  headers: Readonly<Record<string, string>> = {},
): Scripted {
  const diagnostics = codes.map((code) => ({
    code,
    severity: "error",
    summary: `summary of ${code}`,
    detail: `detail of ${code}.`,
    path: "",
  }));
  const [code] = codes;
  const body = { type: "urn:x", title: "t", status, detail: "d", code, diagnostics, dependents };
  return { status, headers, body };
}
