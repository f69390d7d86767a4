import { choice, group, integer, listOf, record, reference, setOf, text } from "../field";
import { atMostOnceEach, requiredWhen, validUrl } from "../field-rules";
import { defineKind, type FieldsOf } from "../kind";

const HOUR_MS = 3_600_000;

const model = (doc: string, given: { default?: string } = {}) =>
  text(doc, {
    ...(given.default === undefined ? { minLength: 1 } : {}),
    maxLength: 128,
    pattern: '^[^\\s"\\\\\\x00-\\x1f\\x7f]*$',
    expected: "a model name: up to 128 characters without white space, quotes and backslashes",
    ...given,
  });

/** A model vendor's endpoint, with its credentials and policies. */
export const ModelService = defineKind({
  kind: "ModelService",
  doc: "A backend that answers requests: a vendor's endpoint with its keys, its model policy and what to do when it fails.",
  fields: {
    modelProvider: choice(
      ["OpenAI", "DeepSeek", "Qwen", "Hunyuan", "Anthropic", "Google-Gemini", "Custom"],
      "The vendor of the model.",
    ),
    protocol: choice(["OpenAI/v1"], "The protocol that the upstream speaks."),
    upstreamUrl: text(
      "Where the model answers, for example `https://api.deepseek.com`. Credentials never belong here: use `keys`.",
      {
        minLength: 8,
        maxLength: 2048,
        pattern:
          '^https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?(?:[/?][!-"$-\\[\\]-~]*)?$',
        expected: "an http or https URL without user name, password and fragment",
      },
    ),
    upstreamUrlMode: choice(
      ["AutoConcat", "FixedPath"],
      "`AutoConcat` appends the forwarded path to the URL; `FixedPath` sends everything to the URL as it stands, for an API with a single route.",
      { default: "AutoConcat" },
    ),
    keys: listOf(
      reference("ModelKey", "restrict", "A key's name."),
      "The credentials sent upstream, used in turn. None sends no credential.",
      { default: [], maxItems: 32 },
    ),
    modelSelector: choice(
      ["PassThrough", "Specify"],
      "`PassThrough` sends the model that the client asks for, checked against `allowedModels`; `Specify` always sends `defaultModel`.",
      { default: "PassThrough" },
    ),
    defaultModel: model("The model sent where the client names none, and always with `Specify`.", {
      default: "",
    }),
    allowedModels: setOf(
      model("A model's name."),
      "The models that a client may ask for with `PassThrough`; empty allows all.",
      { default: [], maxItems: 256 },
    ),
    onDisallowedModel: choice(
      ["reject", "useDefault"],
      "What a client gets who asks for a model that is not allowed: 404 `model_not_found`, or `defaultModel`.",
      { default: "reject" },
    ),
    modelRewrites: listOf(
      record(
        { from: model("The name that the client sends."), to: model("The name that the vendor gets.") },
        "A model's other name.",
      ),
      "Names that clients use for models, and the vendor's names for them.",
      { default: [], maxItems: 256 },
    ),
    fallbackModels: listOf(
      model("A model's name, as the vendor calls it."),
      "Models tried in order when the first one is unavailable.",
      { default: [], maxItems: 8 },
    ),
    fallbackServices: listOf(
      reference("ModelService", "restrict", "A service's name."),
      "Services tried in order when this one is unavailable.",
      { default: [], maxItems: 8 },
    ),
    upstreamTimeouts: group(
      {
        connectMs: integer("Until the connection stands, in milliseconds.", {
          default: 10_000,
          minimum: 1,
          maximum: HOUR_MS,
        }),
        writeMs: integer("Until the request is sent, in milliseconds.", {
          default: 60_000,
          minimum: 1,
          maximum: HOUR_MS,
        }),
        readMs: integer("Silence allowed between two bytes of the reply, in milliseconds.", {
          default: 300_000,
          minimum: 1,
          maximum: HOUR_MS,
        }),
      },
      "How long to wait for the upstream.",
    ),
    retries: integer(
      "How often a request is sent again after a connection failure, 429, 502, 503 or 504; never after the first byte reached the client.",
      { default: 0, minimum: 0, maximum: 5 },
    ),
    quota: group(
      {
        requestsPerMinute: integer("Requests per minute; 0 is unlimited.", {
          default: 0,
          minimum: 0,
          maximum: 1_000_000_000,
        }),
        tokensPerMinute: integer("Tokens per minute; 0 is unlimited.", {
          default: 0,
          minimum: 0,
          maximum: 1_000_000_000,
        }),
        concurrency: integer("Requests at one time; 0 is unlimited.", {
          default: 0,
          minimum: 0,
          maximum: 1_000_000,
        }),
      },
      "How much this service is used at the most.",
    ),
  },
  rules: [
    validUrl("upstreamUrl"),
    requiredWhen("defaultModel", "modelSelector", "Specify"),
    requiredWhen("defaultModel", "onDisallowedModel", "useDefault"),
    atMostOnceEach("keys"),
    atMostOnceEach("fallbackServices"),
  ],
});

export type ModelServiceFields = FieldsOf<typeof ModelService>;
