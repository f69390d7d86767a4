import type { IncomingHttpHeaders } from "node:http";
import type { Credential } from "./keys";

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Headers of the client that the upstream never gets, beside `x-forwarded-*` and `proxy-*`. */
const KEPT_FROM_UPSTREAM: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  // Credentials: the client's is for the gateway, the vendor's is the service's.
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
  "set-cookie",
  // Who the client is, and on whose account.
  "forwarded",
  "openai-organization",
  "openai-project",
  // This hop's business: undici writes the first two, the gateway answers the third and takes no encoded body.
  "host",
  "content-length",
  "expect",
  "content-encoding",
]);

const KEPT_FROM_CLIENT: ReadonlySet<string> = new Set([...HOP_BY_HOP, "set-cookie", "openai-organization"]);

/** What the upstream gets: the client's headers less what is not its business, and the credential. */
export function headersForUpstream(client: IncomingHttpHeaders, credential: Credential): string[] {
  const named = namedByConnection(client.connection);
  const headers = [...credential];
  for (const name in client) {
    const value = client[name];
    if (typeof value !== "string" || KEPT_FROM_UPSTREAM.has(name) || named?.has(name)) continue;
    if (name.startsWith("x-forwarded-") || name.startsWith("proxy-")) continue;
    if (credential.includes(name)) continue;
    headers.push(name, value);
  }
  return headers;
}

/** What the client gets. */
export function headersForClient(upstream: IncomingHttpHeaders): string[] {
  const named = namedByConnection(upstream.connection);
  const headers: string[] = [];
  for (const name in upstream) {
    const value = upstream[name];
    if (value === undefined || KEPT_FROM_CLIENT.has(name) || named?.has(name)) continue;
    if (typeof value === "string") headers.push(name, value);
    else for (const one of value) headers.push(name, one);
  }
  return headers;
}

/** The headers that `connection` makes hop-by-hop. The two usual values name none. */
function namedByConnection(connection: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return undefined;
  const text = typeof connection === "string" ? connection : connection.join();
  return new Set(text.split(",").map((token) => token.trim().toLowerCase()));
}
