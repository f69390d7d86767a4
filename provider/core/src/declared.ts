import {
  annotationsOf,
  confirmIdField,
  derive,
  equal,
  hasSecret,
  isRecord,
  isStored,
  type Kind,
  normalise,
  referenceFields,
  type Values,
} from "@modelgateway/schema";

type FieldSchema = Kind["fields"][string];

/** The names of a secret's three fields, see `secret` in the schema; a kind has one secret at the most. */
export interface SecretFields {
  readonly value: string;
  readonly salt: string;
  readonly fingerprint: string;
}

/** The secret of a kind, if it has one. */
export const secretOf = (kind: Kind): SecretFields | undefined =>
  hasSecret(kind.fields) ? SECRET_FIELDS : undefined;

const SECRET_FIELDS: SecretFields = { value: "value", salt: "salt", fingerprint: "fingerprint" };

/** The first part of a JSON pointer: the field that it leads into. */
export const fieldOf = (pointer: string): string => pointer.split("/")[1] ?? "";

/** The fields that a pointer leads into. */
export const fieldsOf = (pointers: readonly string[]): ReadonlySet<string> => new Set(pointers.map(fieldOf));

/** The stored fields as the user wrote them, defaults filled in. */
export function declared(kind: Kind, given: Values): Values {
  const stored = Object.entries(kind.fields).filter(([, schema]) => isStored(schema));
  const filled = stored.map(([name, schema]) => [name, withDefaults(schema, given[name])] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

function withDefaults(schema: FieldSchema, given: unknown): unknown {
  const value = given === undefined ? schema.default : given;
  if (schema.type !== "object" || !isRecord(value)) return value;
  const members = Object.entries(schema.properties as Kind["fields"]);
  return Object.fromEntries(members.map(([name, member]) => [name, withDefaults(member, value[name])]));
}

/**
 * What the gateway holds, in the user's words: a field whose normal form is the declared one keeps the form in
 * which it was declared. Computed fields come from the gateway, or from the schema where it can tell.
 */
export function observed(kind: Kind, before: Values, actual: Values): Values {
  const was = normalise(kind, before);
  const is = normalise(kind, actual);
  const stored = Object.keys(is).map((name) => [
    name,
    equal(was[name], is[name]) ? (before[name] ?? is[name]) : is[name],
  ]);
  const computed = Object.entries(kind.fields)
    .filter(([name, schema]) => annotationsOf(schema).computed && actual[name] !== undefined)
    .map(([name]) => [name, actual[name]]);
  return { ...Object.fromEntries([...stored, ...computed]), ...derive(kind, is) };
}

/** The computed ids that a delete repeats, see `confirm` in the schema. */
export function confirmIds(kind: Kind, actual: Values): Values {
  const names = referenceFields(kind)
    .filter(({ confirm }) => confirm)
    .map(confirmIdField);
  return Object.fromEntries(names.flatMap((name) => (actual[name] ? [[name, actual[name]]] : [])));
}
