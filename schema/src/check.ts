import { type TSchema, Type } from "@sinclair/typebox";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { Value } from "@sinclair/typebox/value";
import type { Label } from "./catalogue";
import { type Diagnostic, diagnostic } from "./diagnostics";
import { annotationsOf, MAX_NAME } from "./field";
import { type Kind, type Problem, requestSchema, type Values } from "./kind";
import { isRecord, normalise } from "./normal-form";

export interface CheckOptions {
  /** JSON pointers to values that are not known yet; what they point at is not judged. */
  readonly unknown?: readonly string[];
  /** Which writeOnly fields count as present though the body does not carry them; none by default. */
  readonly kept?: (writeOnly: string) => boolean;
}

export interface Checked {
  /**
   * The normal form, without the fields of which a part is not known yet; of use only where there are no
   * diagnostics.
   */
  readonly fields: Values;
  /** The writeOnly fields that the body carries. */
  readonly secrets: Values;
  readonly diagnostics: readonly Diagnostic[];
}

/** Judges one object by its schema alone: no network, no other object. */
export function check(kind: Kind, body: unknown, options: CheckOptions = {}): Checked {
  const of: Label = { kind: kind.kind, name: nameIn(kind, body) };
  const isUnknown = unknownPointers(options.unknown ?? []);
  const broken = schemaProblems(requestSchema(kind), body, of).filter(({ path }) => !isUnknown(path));
  if (broken.length > 0 || !isRecord(body)) return { fields: {}, secrets: {}, diagnostics: broken };

  const secrets = pick(body, (name) => annotationsOf(kind.fields[name]!).writeOnly === true, kind);
  const unknownFields = new Set((options.unknown ?? []).map((pointer) => pointer.split("/")[1]!));
  const fields = normalise(kind, body, unknownFields);
  const has = (writeOnly: string) =>
    body[writeOnly] !== undefined || isUnknown(`/${writeOnly}`) || (options.kept?.(writeOnly) ?? false);
  const diagnostics = (kind.rules ?? [])
    .filter(({ reads }) => !reads.some((field) => unknownFields.has(field)))
    .map(({ judge }) => judge(fields, has))
    .filter((problem) => problem !== undefined)
    .map((problem) => fieldDiagnostic(of, problem));
  return { fields, secrets, diagnostics };
}

function fieldDiagnostic(of: Label, { path, problem, missing }: Problem): Diagnostic {
  return diagnostic(missing ? "missing_field" : "invalid_field", path, { of, field: path.slice(1), problem });
}

/** The name a body gives its object, for texts; of a kind that joins others, what it joins. */
export function nameIn(kind: Kind, body: unknown): string {
  const parts = (kind.joins ?? ["name"]).map((field) => (isRecord(body) ? body[field] : undefined));
  return parts.map((part) => (typeof part === "string" && part !== "" ? printable(part) : "?")).join(":");
}

/** A text from outside, made fit for a terminal: cut to a name's length, without control characters. */
const printable = (given: string): string => {
  const cut = [...given.toWellFormed()].slice(0, MAX_NAME + 1).join("");
  return cut.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
};

function pick(body: Values, wanted: (name: string) => boolean, kind: Kind): Values {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name in kind.fields && wanted(name)));
}

/** Whether a pointer is one of the unknown ones, inside one, or around one. */
function unknownPointers(unknown: readonly string[]): (path: string) => boolean {
  return (path) => unknown.some((pointer) => pointer === path || path.startsWith(`${pointer}/`));
}

/** What a schema refuses in a value, one diagnostic a place: types, limits, required and unknown fields. */
export function schemaProblems(schema: TSchema, value: unknown, of: Label): Diagnostic[] {
  const byPath = new Map<string, Diagnostic>();
  for (const error of Value.Errors(schema, value)) {
    if (byPath.has(error.path) || isLongOnlyInUnits(error)) continue;
    byPath.set(error.path, errorDiagnostic(of, error, schema));
  }
  if (byPath.size > 0) return [...byPath.values()];
  return badStrings(schema, value, "").map((path) => {
    const problem = "must not contain control characters or lone surrogates";
    return diagnostic("invalid_field", path, { of, field: path.slice(1), problem });
  });
}

/** Limits count characters; the validator counts UTF-16 units. */
function isLongOnlyInUnits({ type, schema, value }: ValueError): boolean {
  return type === ValueErrorType.StringMaxLength && [...String(value)].length <= (schema.maxLength as number);
}

function errorDiagnostic(of: Label, error: ValueError, root: TSchema): Diagnostic {
  const { path } = error;
  const field = path.slice(1);
  if (path === "")
    return diagnostic("invalid_field", path, { of, field: "body", problem: "must be a JSON object" });
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const nearest = nearestName(field.slice(field.lastIndexOf("/") + 1), knownNames(root, path));
    return diagnostic("unknown_field", path, { of, field, nearest });
  }
  if (error.type === ValueErrorType.ObjectRequiredProperty) {
    const { expected } = annotationsOf(error.schema);
    const problem = expected ? `is required: ${expected}` : "is required";
    return diagnostic("missing_field", path, { of, field, problem });
  }
  return diagnostic("invalid_field", path, { of, field, problem: problemText(error) });
}

function problemText({ type, schema, value }: ValueError): string {
  const { expected } = annotationsOf(schema);
  if (schema.enum) return `must be one of ${(schema.enum as string[]).map((one) => `\`${one}\``).join(", ")}`;
  switch (type) {
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.IntegerMaximum:
    case ValueErrorType.Integer:
      return `must be a whole number from ${schema.minimum} to ${schema.maximum}`;
    case ValueErrorType.ArrayMinItems:
      return `must have at least ${schema.minItems} element${schema.minItems === 1 ? "" : "s"}`;
    case ValueErrorType.ArrayMaxItems:
      return `must have ${schema.maxItems} elements at the most`;
    case ValueErrorType.StringMinLength:
    case ValueErrorType.StringMaxLength:
    case ValueErrorType.StringPattern:
      return `must be ${expected ?? lengthText(schema)}`;
    default:
      return `must be ${expected ?? typeText(String(schema.type))}, not ${value === null ? "null" : typeText(typeOf(value))}`;
  }
}

const lengthText = (schema: TSchema): string =>
  schema.minLength
    ? `${schema.minLength} to ${schema.maxLength} characters`
    : `${schema.maxLength} characters at the most`;

const typeOf = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value);

const TYPE_TEXTS: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  string: "a text",
  boolean: "true or false",
  number: "a number",
};
const typeText = (type: string): string => TYPE_TEXTS[type] ?? type;

// Tab and newline are the only control characters that a text may have.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f]/;

/**
 * Where a value has characters that no string may have (PostgreSQL stores neither NUL nor lone surrogates). Only
 * what the schema describes is visited: what is ignored may nest as deep as it likes.
 */
function badStrings(schema: TSchema, value: unknown, path: string): string[] {
  if (typeof value === "string") return CONTROL.test(value) || !value.isWellFormed() ? [path] : [];
  if (Array.isArray(value) && schema.items) {
    return value.flatMap((item, index) => badStrings(schema.items, item, `${path}/${index}`));
  }
  if (!isRecord(value) || !schema.properties) return [];
  const properties = schema.properties as Record<string, TSchema>;
  return Object.entries(properties)
    .filter(([, member]) => !member.readOnly)
    .flatMap(([name, member]) => badStrings(member, value[name], `${path}/${pointerPart(name)}`));
}

/** A member's name as a part of a JSON pointer (RFC 6901). */
export const pointerPart = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

function knownNames(root: TSchema, path: string): string[] {
  const parents = path.split("/").slice(1, -1);
  const at = parents.reduce<TSchema | undefined>(
    (schema, part) => (schema?.items as TSchema | undefined) ?? schema?.properties?.[part],
    root,
  );
  const properties = (at?.properties ?? {}) as Record<string, TSchema>;
  return Object.keys(properties).filter((name) => !properties[name]!.readOnly);
}

/** The known name closest to a misspelt one; empty where none is close. */
export function nearestName(given: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : "";
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + change);
    }
    row = next;
  }
  return row[b.length]!;
}

/** An object schema that refuses what it does not know. */
export const strictObject = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
