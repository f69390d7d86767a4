import { choice, computed, flag, listOf, record, setOf, text } from "../field";
import { conditionsOnOpenHeaders, presetExists } from "../field-rules";
import { defineKind, type FieldsOf } from "../kind";
import { PRESET_NAMES, REQUEST_PROTOCOLS, SCENES } from "../presets";
import { generateRoutes, ROUTE_SOURCE_FIELDS } from "../routes";

const generatedRoute = record(
  {
    name: text("The preset's name.", {}),
    type: text("The API's scene.", {}),
    method: text("The HTTP method.", {}),
    path: text("The complete path that clients request.", {}),
    forwardedPath: text("The path that the model service receives.", {}),
  },
  "A routing rule.",
);

const matchHeader = record(
  {
    name: text("The header's name, in any case. Credential and hop-by-hop headers cannot be conditions.", {
      minLength: 1,
      maxLength: 64,
      pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
      expected: "an HTTP header name",
      normalForm: "lowerCase",
    }),
    value: text("The value it must have, exactly.", {
      minLength: 1,
      maxLength: 256,
      pattern: "^[\\x21-\\x7e](?:[\\x20-\\x7e]*[\\x21-\\x7e])?$",
      expected: "1 to 256 printable ASCII characters without spaces at its ends",
    }),
  },
  "A header that a request must carry.",
);

/** The one interface that clients call. */
export const ModelApi = defineKind({
  kind: "ModelApi",
  doc: "The one interface that clients call. The gateway generates a route for each preset selected in `routes`, and forwards what arrives there to the model service that a `ModelApiBinding` binds.",
  fields: {
    scene: choice(
      SCENES,
      "The purpose of this API. With `requestProtocol` it decides which routes are preset.",
    ),
    requestProtocol: choice(REQUEST_PROTOCOLS, "The protocol that clients use to call this API."),
    routes: setOf(
      choice(PRESET_NAMES, "A preset's name."),
      "Which preset routes to serve. Each gives one route: the base path and the preset's path.",
      { default: ["chat-completions"], minItems: 1, maxItems: 16 },
    ),
    basePath: text(
      "A prefix for all routes of this API, for example `/qwen`; none by default. Case-sensitive, without dot segments.",
      {
        default: "",
        maxLength: 255,
        pattern: "^(?:/?|(?=/|.{0,254}$)/?[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9][A-Za-z0-9._~-]*)*/?)$",
        expected:
          "a path such as `/qwen` or `/team/qwen`: up to 255 characters, each segment beginning with a letter or digit and made of letters, digits, `.`, `_`, `~` and `-`",
        normalForm: "basePath",
      },
    ),
    stripBasePath: flag(
      "Path simplification: remove the base path before forwarding, so that a request for `/qwen/v1/chat/completions` reaches the model service as `/v1/chat/completions`.",
    ),
    auth: choice(
      ["apiKey", "none"],
      "Who may call: `apiKey` lets in consumers whose group is authorised, `none` lets in everybody who reaches the gateway.",
      { default: "apiKey" },
    ),
    matchHeaders: setOf(
      matchHeader,
      "Headers that a request must carry to match the routes of this API. Two APIs may serve one path where their conditions exclude each other; of several that match, the one with more conditions wins.",
      { default: [], maxItems: 8 },
    ),
    deletionProtection: flag("Refuse to delete this API until this is switched off.", { protects: true }),
    generatedRoutes: computed(
      listOf(generatedRoute, "The routes that the gateway generates, sorted by path.", { maxItems: 16 }),
    ),
  },
  rules: [presetExists, conditionsOnOpenHeaders("matchHeaders")],
  derived: { generatedRoutes: { reads: ROUTE_SOURCE_FIELDS, from: generateRoutes } },
});

export type ModelApiFields = FieldsOf<typeof ModelApi>;
