import { secret, setOf, text } from "../field";
import { exactlyOneOf } from "../field-rules";
import { defineKind, type FieldsOf } from "../kind";

/** A credential that the gateway sends to a vendor. */
export const ModelKey = defineKind({
  kind: "ModelKey",
  doc: "A credential that the gateway sends to a vendor. It is encrypted at rest and never returned; previews compare fingerprints.",
  fields: {
    ...secret("The credential. Give either this or `valueFrom`."),
    valueFrom: text(
      "Where the gateway finds the credential instead: `env:MODELGATEWAY_KEY_NAME`, a variable of the gateway's own environment.",
      {
        default: "",
        maxLength: 128,
        pattern: "^(?:env:MODELGATEWAY_KEY_[A-Za-z0-9_]+)?$",
        expected: "`env:MODELGATEWAY_KEY_` and letters, digits or `_`",
      },
    ),
    allowedHosts: setOf(
      text("A host name, without port.", {
        minLength: 1,
        maxLength: 253,
        pattern: "^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])$",
        expected: "a host name or address, without scheme and port",
        normalForm: "lowerCase",
      }),
      "The hosts that this key may be sent to; empty allows all. A service that would send it elsewhere is refused.",
      { default: [], maxItems: 64 },
    ),
  },
  rules: [exactlyOneOf("value", "valueFrom")],
});

export type ModelKeyFields = FieldsOf<typeof ModelKey>;
