import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** What is not even HTTP: answered as far as the socket still can be. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ""] ?? 400;
  if (error.code === "ECONNRESET") socket.destroy();
  else answerRaw(socket, status);
}

/** A problem document on a bare socket, where the framework makes no response; the connection ends with it. */
export function answerRaw(socket: Socket, status: number): void {
  // node:http takes its own listener away from the socket of a CONNECT.
  socket.on("error", () => socket.destroy());
  if (!socket.writable) return void socket.destroy();
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: "about:blank", title, status });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 405 ? ["Allow: DELETE, GET, HEAD, POST, PUT"] : []),
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
