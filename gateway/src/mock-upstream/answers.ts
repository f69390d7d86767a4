import type { MockRequest } from "./server";

/** One JSON object, or a stream of them. */
export type Answer =
  | { readonly status: number; readonly json: object }
  | { readonly events: readonly object[] };

interface Asked {
  readonly model: string;
  /** What the user said last. */
  readonly said: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Fixed, so that equal requests get equal answers: 2026-01-01. */
const CREATED = 1_767_225_600;

const MODELS = ["deepseek-chat", "deepseek-reasoner", "qwen-max", "gpt-4o-mini"];

/** The answer to a request, from nothing but the request. */
export function answerTo({ method, url, body }: MockRequest): Answer {
  const path = url.split("?", 1)[0];
  if (method === "GET" && path === "/v1/models") return { status: 200, json: modelList() };
  const endpoint = method === "POST" ? ENDPOINTS[path ?? ""] : undefined;
  if (!endpoint) return failure(404, "unknown_url", `Unknown request URL: ${method} ${path}.`);
  const fields = fieldsOf(body);
  if (!fields) return failure(400, "invalid_json", "The body is not a JSON object.");
  if (typeof fields.model !== "string") return failure(400, "missing_model", "`model` must be a string.");
  return endpoint({
    model: fields.model,
    said: lastUserText(fields),
    stream: fields.stream === true,
    includeUsage: isObject(fields.stream_options) && fields.stream_options.include_usage === true,
  });
}

const ENDPOINTS: Readonly<Record<string, (asked: Asked) => Answer>> = {
  "/v1/chat/completions": (asked) => (asked.stream ? chatStream(asked) : { status: 200, json: chat(asked) }),
  "/v1/completions": (asked) =>
    asked.stream ? completionStream(asked) : { status: 200, json: completion(asked) },
  "/v1/responses": (asked) => ({ status: 200, json: response(asked) }),
};

const reply = ({ model, said }: Asked): string => `Hello from ${model}. You said: ${said}`;

const words = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length;

function usage(asked: Asked) {
  const prompt = words(asked.said);
  const answer = words(reply(asked));
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}

function chat(asked: Asked) {
  const message = { role: "assistant", content: reply(asked) };
  return {
    id: "chatcmpl-mock",
    object: "chat.completion",
    created: CREATED,
    model: asked.model,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: usage(asked),
  };
}

/** A few words in each event. */
const pieces = (asked: Asked): string[] => reply(asked).match(/(?:\S+\s*){1,3}/g) ?? [];

function chatStream(asked: Asked): Answer {
  const head = { id: "chatcmpl-mock", object: "chat.completion.chunk", created: CREATED, model: asked.model };
  const event = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  });
  return {
    events: [
      event({ role: "assistant", content: "" }),
      ...pieces(asked).map((content) => event({ content })),
      event({}, "stop"),
      ...(asked.includeUsage ? [{ ...head, choices: [], usage: usage(asked) }] : []),
    ],
  };
}

function completion(asked: Asked) {
  return {
    id: "cmpl-mock",
    object: "text_completion",
    created: CREATED,
    model: asked.model,
    choices: [{ index: 0, text: reply(asked), logprobs: null, finish_reason: "stop" }],
    usage: usage(asked),
  };
}

function completionStream(asked: Asked): Answer {
  const event = (text: string, finish_reason: string | null) => ({
    id: "cmpl-mock",
    object: "text_completion",
    created: CREATED,
    model: asked.model,
    choices: [{ index: 0, text, logprobs: null, finish_reason }],
  });
  return { events: [...pieces(asked).map((text) => event(text, null)), event("", "stop")] };
}

function response(asked: Asked) {
  const { prompt_tokens, completion_tokens, total_tokens } = usage(asked);
  const content = [{ type: "output_text", text: reply(asked), annotations: [] }];
  return {
    id: "resp_mock",
    object: "response",
    created_at: CREATED,
    status: "completed",
    model: asked.model,
    output: [{ id: "msg_mock", type: "message", role: "assistant", status: "completed", content }],
    usage: { input_tokens: prompt_tokens, output_tokens: completion_tokens, total_tokens },
  };
}

function modelList() {
  const data = MODELS.map((id) => ({ id, object: "model", created: CREATED, owned_by: "mock-upstream" }));
  return { object: "list", data };
}

const failure = (status: number, code: string, message: string): Answer => ({
  status,
  json: { error: { message, type: "invalid_request_error", param: null, code } },
});

function fieldsOf(body: string): Record<string, unknown> | undefined {
  try {
    const fields: unknown = JSON.parse(body);
    return isObject(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** `messages` of a chat, `input` of a response, `prompt` of a completion. */
function lastUserText(fields: Record<string, unknown>): string {
  const said = fields.messages ?? fields.input ?? fields.prompt;
  if (!Array.isArray(said)) return textOf(said);
  const fromUser = said.filter((item) => !isObject(item) || item.role === "user");
  const last: unknown = fromUser.at(-1);
  return textOf(isObject(last) ? last.content : last);
}

/** A text, or the texts of a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
