import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Problem, refuse } from "./problem";

/** The largest body; plans and batch reads have their own. */
export const LIMIT_BYTES = 1024 * 1024;
export const PLAN_LIMIT_BYTES = 32 * 1024 * 1024;

/** JSON in UTF-8 and nothing else: another media type, charset or coding is 415, bytes that are not UTF-8 are 400. */
export function registerJsonParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook("preParsing", async (request, _reply, payload) => {
    const coding = request.headers["content-encoding"];
    if (coding !== undefined && coding !== "identity")
      throw refuse("unsupported_media_type", { given: coding });
    return payload;
  });
  const media = /^application\/json *(?:; *charset="?utf-8"? *)?$/i;
  app.addContentTypeParser(media, { parseAs: "buffer" }, async (_request: FastifyRequest, body: Buffer) =>
    parse(body),
  );
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function parse(body: Buffer): unknown {
  if (body.length === 0) throw refuse("invalid_body", { problem: "It is empty" });
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    throw refuse("invalid_body", { problem: "It is not UTF-8" });
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the body, which may hold a secret.
    throw refuse("invalid_body", { problem: "It is not JSON" });
  }
}

/** The framework's own errors, as ours. */
function problemOf(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error.validation) return refuse("invalid_parameter", { parameter: "request", problem: "is not valid" });
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return refuse("body_too_large", { limit: request.routeOptions.bodyLimit ?? LIMIT_BYTES });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return refuse("unsupported_media_type", { given: request.headers["content-type"] ?? "nothing" });
    case "FST_ERR_CTP_EMPTY_TYPE":
      return refuse("unsupported_media_type", { given: "nothing" });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return refuse("invalid_body", { problem: "Its length is not what `Content-Length` says" });
    case "FST_ERR_BAD_URL":
      return refuse("invalid_parameter", { parameter: "path", problem: "must be in percent-encoding" });
    case "FST_ERR_MAX_PARAM_LENGTH":
      return refuse("no_such_path", { path: "this path" });
  }
  if (error.code === "SQLITE_FULL" || error.code?.startsWith("SQLITE_IOERR")) {
    request.log.error({ code: error.code }, "the store cannot write");
    return refuse("unavailable", { problem: "The store cannot write" }, { headers: { "retry-after": "5" } });
  }
  const isClients = error.statusCode !== undefined && error.statusCode < 500;
  if (isClients) return refuse("invalid_body", { problem: "It cannot be read" });
  request.log.error({ err: error, requestId: request.id }, "a request failed");
  return refuse("internal_error", { requestId: request.id });
}

export function answerProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error, request);
  return (
    reply
      .code(problem.status)
      .headers(problem.headers)
      .header("content-type", "application/problem+json")
      // As bytes: to a text the framework adds a charset, which this media type does not have.
      .send(Buffer.from(JSON.stringify(problem)))
  );
}

export async function answerUnknownPath(request: FastifyRequest): Promise<never> {
  const [path = ""] = request.url.split("?");
  throw refuse("no_such_path", { path: path.slice(0, 200) });
}
