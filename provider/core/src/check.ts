import {
  type Diagnostic,
  derive,
  diagnostic,
  fingerprint,
  isId,
  isStored,
  type Kind,
  nameIn,
  normalise,
  referenceFields,
  saltFor,
  check as schemaCheck,
  type Values,
} from "@modelgateway/schema";
import { declared, fieldOf, fieldsOf, secretOf } from "./declared";

/** One declaration to judge. */
export interface CheckRequest {
  readonly kind: Kind;
  /** What the user gives; null stands where a value is not known yet. */
  readonly inputs: Values;
  /** JSON pointers to what is not known yet. */
  readonly unknown?: readonly string[];
  /** Who declares it; part of a new fingerprint's salt. */
  readonly owner: string;
  /** The fingerprint in the prior state; empty or absent: none. */
  readonly priorFingerprint?: string;
}

export interface CheckResult {
  /** The inputs as the user wrote them, with defaults, derived fields and the fingerprint in place of the secret. */
  readonly inputs: Values;
  /** Pointers to what of these inputs is not known yet, derived fields included. */
  readonly unknown: readonly string[];
  /** What a write sends besides: the secret and its salt. Empty where the declaration has none. */
  readonly secrets: Values;
  readonly diagnostics: readonly Diagnostic[];
}

/** Judges one declaration without the gateway, and works out what can be known before it is written. */
export function check(request: CheckRequest): CheckResult {
  const { kind, inputs } = request;
  // A misspelt field is refused whether its value is known or not.
  const unknown = (request.unknown ?? []).filter((pointer) => fieldOf(pointer) in kind.fields);
  const stored = declared(kind, inputs);
  const { problems, keepsSecret } = judge(kind, inputs, unknown, request.priorFingerprint ?? "");
  const diagnostics = [...problems, ...idsAsReferences(kind, inputs)];
  if (diagnostics.length > 0) return { inputs: stored, unknown: [], secrets: {}, diagnostics };

  const derived = derive(kind, normalise(kind, inputs, fieldsOf(unknown)));
  const secret = keepsSecret ? keptSecret(request) : givenSecret(request);
  const computed: Values = { ...derived, ...secret.computed };
  const names = [...Object.keys(kind.derived ?? {}), ...fingerprintName(kind)];
  const waiting = names.filter((name) => !(name in computed)).map((name) => `/${name}`);
  return {
    inputs: { ...stored, ...computed },
    unknown: [...unknown.filter((pointer) => isStored(kind.fields[fieldOf(pointer)]!)), ...waiting],
    secrets: secret.secrets,
    diagnostics: [],
  };
}

const fingerprintName = (kind: Kind): string[] => {
  const secret = secretOf(kind);
  return secret ? [secret.fingerprint] : [];
};

interface Judged {
  readonly problems: readonly Diagnostic[];
  /** The declaration gives no secret, and the object has one. */
  readonly keepsSecret: boolean;
}

/** A secret is needed once: an existing object keeps it where the declaration has nothing in its place. */
function judge(kind: Kind, inputs: Values, unknown: readonly string[], prior: string): Judged {
  const asNew = schemaCheck(kind, inputs, { unknown }).diagnostics;
  const secret = secretOf(kind);
  if (!secret || prior === "" || inputs[secret.value] !== undefined) {
    return { problems: asNew, keepsSecret: false };
  }
  const kept = (name: string) => name === secret.value;
  const keeping = schemaCheck(kind, inputs, { unknown, kept }).diagnostics;
  return keeping.length > 0 && asNew.length === 0
    ? { problems: [], keepsSecret: false }
    : { problems: keeping, keepsSecret: true };
}

/** Names are known before an object exists, and say something to a reader; ids do neither. */
function idsAsReferences(kind: Kind, inputs: Values): Diagnostic[] {
  const of = { kind: kind.kind, name: nameIn(kind, inputs) };
  return referenceFields(kind).flatMap(({ field, list, reference }) => {
    const value = inputs[field];
    const names: readonly unknown[] = Array.isArray(value) ? value : [value];
    return names.flatMap((name, index) => {
      if (typeof name !== "string" || !isId(name)) return [];
      const path = list ? `/${field}/${index}` : `/${field}`;
      const problem = `must be the name of a ${reference.kind}, not an id`;
      return [diagnostic("invalid_field", path, { of, field: path.slice(1), problem })];
    });
  });
}

/** What becomes of a secret: the fingerprint where it is known already, and what a write sends. */
interface SecretPart {
  readonly computed: Values;
  readonly secrets: Values;
}

function keptSecret({ kind, priorFingerprint }: CheckRequest): SecretPart {
  return { computed: { [secretOf(kind)!.fingerprint]: priorFingerprint }, secrets: {} };
}

function givenSecret({ kind, inputs, owner, priorFingerprint = "" }: CheckRequest): SecretPart {
  const names = secretOf(kind);
  if (!names) return { computed: {}, secrets: {} };
  const value = inputs[names.value];
  if (value === undefined) return { computed: { [names.fingerprint]: "" }, secrets: {} };
  const hasSalt = priorFingerprint !== "" || typeof inputs.name === "string";
  if (typeof value !== "string" || !hasSalt) return { computed: {}, secrets: {} };
  const salt = saltFor(kind.kind, owner, nameIn(kind, inputs), priorFingerprint);
  return {
    computed: { [names.fingerprint]: fingerprint(salt, value) },
    secrets: { [names.value]: value, [names.salt]: salt },
  };
}
