import type { ServedService } from "@modelgateway/schema";

/** A service's `upstreamUrl`, taken apart once. */
export interface UpstreamUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Without port; an IPv6 address keeps its brackets. */
  readonly hostname: string;
  /** As written: the URL parser would resolve dot segments and re-encode. */
  readonly path: string;
  /** Without its `?`. */
  readonly query: string;
  readonly mode: ServedService["upstreamUrlMode"];
}

/** Where a route's requests go at one service. */
export interface UpstreamPath {
  /** With the query that the URL brings along. */
  readonly full: string;
  readonly hasQuery: boolean;
  /** The names of the parameters that the client cannot set. */
  readonly reserved: ReadonlySet<string>;
}

export function parseUpstreamUrl(
  service: Pick<ServedService, "upstreamUrl" | "upstreamUrlMode">,
): UpstreamUrl {
  const { upstreamUrl, upstreamUrlMode } = service;
  const { origin, hostname } = new URL(upstreamUrl);
  const rest = /^[^:]+:\/\/[^/?]*([^?]*)\??(.*)$/.exec(upstreamUrl);
  const path = rest?.[1] || "/";
  return { origin, hostname, path, query: rest?.[2] ?? "", mode: upstreamUrlMode };
}

/** `AutoConcat`: the URL, then the forwarded path. `FixedPath`: the URL as it stands. */
export function upstreamPath(url: UpstreamUrl, forwardedPath: string): UpstreamPath {
  const path = url.mode === "FixedPath" ? url.path : url.path.replace(/\/$/, "") + forwardedPath;
  const hasQuery = url.query !== "";
  return {
    full: hasQuery ? `${path}?${url.query}` : path,
    hasQuery,
    // `key` carries a credential in Google's APIs, and the client's never goes upstream.
    reserved: new Set(["key", ...parameters(url.query).map(parameterName)]),
  };
}

/** Path and query of one request. `query` is the client's, with its `?`, or empty. */
export function withClientQuery(path: UpstreamPath, query: string): string {
  if (query.length <= 1) return path.full;
  const kept = parameters(query.slice(1)).filter((parameter) => !path.reserved.has(parameterName(parameter)));
  if (kept.length === 0) return path.full;
  return `${path.full}${path.hasQuery ? "&" : "?"}${kept.join("&")}`;
}

const parameters = (query: string): string[] => query.split("&").filter((parameter) => parameter !== "");

/** Decoded: `api%2Dversion` is `api-version` to a vendor. */
function parameterName(parameter: string): string {
  const equals = parameter.indexOf("=");
  const name = equals < 0 ? parameter : parameter.slice(0, equals);
  if (!name.includes("%") && !name.includes("+")) return name;
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
