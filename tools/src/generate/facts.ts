/** What a field's schema says beside its description, in words that every generated text uses. */
import { annotationsOf, isRecord, type Kind } from "@modelgateway/schema";

export type FieldSchema = Kind["fields"][string];

/** The members of a group of fields or of one element; undefined for everything else. */
export function membersOf(schema: FieldSchema): Kind["fields"] | undefined {
  return isRecord(schema.properties) ? (schema.properties as Kind["fields"]) : undefined;
}

/** The schema of a list's elements; undefined for everything else. */
export function itemsOf(schema: FieldSchema): FieldSchema | undefined {
  return isRecord(schema.items) ? (schema.items as FieldSchema) : undefined;
}

/** The values of a choice; undefined for everything else. */
export function choicesOf(schema: FieldSchema): readonly string[] | undefined {
  return Array.isArray(schema.enum) ? (schema.enum as string[]) : undefined;
}

/** The sentences about a field's limits and its behaviour. Not its default. */
export function factsOf(schema: FieldSchema): string[] {
  const { createOnly, set, writeOnly, protects } = annotationsOf(schema);
  const items = itemsOf(schema);
  return [
    ...limitsOf(schema),
    ...(items && !membersOf(items) && !choicesOf(items)
      ? limitsOf(items).map((limit) => `Each: ${uncapital(limit)}`)
      : []),
    ...(set ? ["The order does not matter."] : []),
    ...(createOnly ? ["A change replaces the object."] : []),
    ...(writeOnly ? ["Never returned, and never kept in a state: a fingerprint stands for it."] : []),
    ...(protects ? ["While it is on, plans refuse to delete the object."] : []),
  ];
}

function limitsOf(schema: FieldSchema): string[] {
  const { expected, reference } = annotationsOf(schema);
  if (reference) return [];
  if (expected) return [`${capital(expected)}.`];
  if (schema.type === "integer") return [`${number(schema.minimum)} to ${number(schema.maximum)}.`];
  if (schema.type === "array") return range(schema.minItems, schema.maxItems, "element");
  if (schema.type === "string") return range(schema.minLength, schema.maxLength, "character");
  return [];
}

function range(least: unknown, most: unknown, unit: string): string[] {
  if (typeof most !== "number") return [];
  const units = most === 1 ? unit : `${unit}s`;
  return [least ? `${number(least)} to ${number(most)} ${units}.` : `Up to ${number(most)} ${units}.`];
}

const number = (value: unknown): string => Number(value).toLocaleString("en-US");

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const uncapital = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** A default as it is written in a program; undefined where the field is required, or nothing by default. */
export function defaultText(schema: FieldSchema): string | undefined {
  const value: unknown = schema.default;
  const isNothing = value === "" || (Array.isArray(value) && value.length === 0);
  return value === undefined || isNothing || membersOf(schema) ? undefined : JSON.stringify(value);
}

/** `upstreamTimeouts` -> `UpstreamTimeouts`. */
export const pascal = (field: string): string => field.charAt(0).toUpperCase() + field.slice(1);

/** One of a list's elements: `modelRewrites` -> `ModelRewrite`. */
export const elementName = (field: string): string => pascal(field).replace(/s$/, "");
