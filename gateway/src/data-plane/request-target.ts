/** The parts of a request target, byte for byte as the client sent them. */
export interface RequestTarget {
  readonly path: string;
  /** With its `?`, or empty. A fragment, which no request has any business with, is left out. */
  readonly query: string;
}

const SLASH = 0x2f;

/** Splits a request target at its `?`. Of the absolute form (`http://host/path`) the path counts. */
export function splitTarget(target: string): RequestTarget {
  const start = target.charCodeAt(0) === SLASH ? 0 : pathStart(target);
  const mark = target.indexOf("?", start);
  if (mark < 0) return { path: start === 0 ? target : target.slice(start), query: "" };
  const fragment = target.indexOf("#", mark);
  return { path: target.slice(start, mark), query: target.slice(mark, fragment < 0 ? undefined : fragment) };
}

function pathStart(target: string): number {
  const scheme = target.indexOf("://");
  if (scheme < 0) return 0;
  for (let at = scheme + 3; at < target.length; at++) {
    const char = target[at];
    if (char === "/" || char === "?") return at;
  }
  return target.length;
}
