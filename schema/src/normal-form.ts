import type { TSchema } from "@sinclair/typebox";
import { annotationsOf } from "./field";
import { isStored, type Kind, type Values } from "./kind";

/** The forms that a field can be brought into, by the name its schema gives. */
const FORMS: Readonly<Record<string, (value: string) => string>> = {
  /** `qwen`, `/qwen/` -> `/qwen`; `/` -> none. */
  basePath: (value) => {
    const inner = value.replace(/^\/|\/$/g, "");
    return inner === "" ? "" : `/${inner}`;
  },
  lowerCase: (value) => value.toLowerCase(),
};

/**
 * An object's normal form: stored fields only, defaults filled in, every value in its own normal form, sets
 * sorted and without repetitions. Two objects are equal exactly if their normal forms are. The fields must have
 * passed `check`. A field that is not known yet stays absent.
 */
export function normalise(kind: Kind, fields: Values, unknown: ReadonlySet<string> = new Set()): Values {
  const normal: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(kind.fields)) {
    if (!isStored(schema) || unknown.has(name)) continue;
    const value = normaliseValue(schema, fields[name]);
    if (value !== undefined) normal[name] = value;
  }
  return normal;
}

function normaliseValue(schema: TSchema, given: unknown): unknown {
  const value = given === undefined ? schema.default : given;
  if (value === undefined) return undefined;
  const { set, normalForm } = annotationsOf(schema);
  if (schema.type === "array" && Array.isArray(value)) {
    const items = value.map((item) => normaliseValue(schema.items, item));
    return set ? sortedSet(items) : items;
  }
  if (schema.type === "object" && isRecord(value)) {
    const properties = schema.properties as Record<string, TSchema>;
    return Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, normaliseValue(member, value[name])]),
    );
  }
  const form = normalForm === undefined ? undefined : FORMS[normalForm];
  return form && typeof value === "string" ? form(value) : value;
}

function sortedSet(items: readonly unknown[]): unknown[] {
  const byText = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Deep equality of JSON values; the order of an object's keys does not matter. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

/**
 * The computed fields of a normal form that are pure functions of it, such as an API's routes. One whose
 * sources are not all known yet is left out.
 */
export function derive(kind: Kind, normal: Values): Values {
  const derived = Object.entries(kind.derived ?? {}).filter(([, { reads }]) =>
    reads.every((field) => normal[field] !== undefined),
  );
  return Object.fromEntries(derived.map(([name, { from }]) => [name, from(normal as never)]));
}
