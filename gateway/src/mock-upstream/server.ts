import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, answerTo } from "./answers";

/** A request as the stand-in received it. */
export interface MockRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty where there was none. */
  readonly body: string;
}

/** A running stand-in for a model server. */
export interface MockUpstream {
  /** For example `http://127.0.0.1:9000`; a model service's `upstreamUrl`. */
  readonly url: string;
  /** What it received, the latest last; at most `MAX_REQUESTS`. */
  readonly requests: readonly MockRequest[];
  close(): Promise<void>;
}

/** A demo may run for days. */
export const MAX_REQUESTS = 1_000;

/**
 * Starts a stand-in OpenAI-compatible model server: equal requests get equal answers, which say in words which
 * model was asked and what the user said. Port 0, the default, picks a free one.
 */
export async function startMockUpstream(
  options: { readonly host?: string; readonly port?: number } = {},
): Promise<MockUpstream> {
  const { host = "127.0.0.1", port = 0 } = options;
  const requests: MockRequest[] = [];
  const server = createServer((request, response) => {
    receive(request, (received) => {
      requests.push(received);
      if (requests.length > MAX_REQUESTS) requests.shift();
      send(response, answerTo(received));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function receive(request: IncomingMessage, complete: (received: MockRequest) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    complete({ method, url, headers, body: Buffer.concat(chunks).toString() });
  });
}

function send(response: ServerResponse, answer: Answer): void {
  if ("events" in answer) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const event of answer.events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end("data: [DONE]\n\n");
    return;
  }
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer.json));
}
