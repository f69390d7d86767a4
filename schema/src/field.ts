import { Kind, type Static, type TSchema, Type, TypeRegistry } from "@sinclair/typebox";

/** What happens to the referring object when the one it refers to is deleted. */
export type OnDelete = "restrict" | "cascade";

/** A reference: the field holds the name of an object of `kind`. */
export interface Reference {
  readonly kind: string;
  readonly onDelete: OnDelete;
}

/**
 * What a field means beyond its JSON type. Everything that treats fields differently (the control API, both
 * engines, the documentation) reads these and never a field's name.
 */
export interface Annotations {
  /** A change replaces the object. */
  readonly createOnly?: true;
  /** Set by the gateway or derived from other fields; accepted and ignored in a request. */
  readonly computed?: true;
  /** Accepted, never returned. */
  readonly writeOnly?: true;
  /** Never shown: not in logs, errors or state. */
  readonly sensitive?: true;
  /** Part of the API, but not of what a user declares: the libraries fill it in. */
  readonly internal?: true;
  readonly reference?: Reference;
  /** The order of the elements does not matter. */
  readonly set?: true;
  /** The normal form's name, see normal-form.ts. */
  readonly normalForm?: string;
  /** True in this field refuses the deletion of the object. */
  readonly protects?: true;
  /** A delete must repeat the name of the object this field refers to (the manual's unbind dialog). */
  readonly confirm?: true;
  /** In words, what a valid value looks like; becomes part of the refusal. */
  readonly expected?: string;
}

/** The vendor extension under which annotations stand in the JSON schema (and so in the OpenAPI document). */
export const ANNOTATIONS = "x-modelgateway";

export function annotationsOf(schema: TSchema): Annotations {
  return (schema[ANNOTATIONS] as Annotations | undefined) ?? {};
}

declare const unstored: unique symbol;
/** Marks, for the compiler, a field that is no part of an object's normal form. */
export interface Unstored {
  readonly [unstored]: true;
}

interface Common<T> extends Annotations {
  /** Leave it out to make the field required. */
  readonly default?: T;
}

const ANNOTATION_NAMES = [
  "createOnly",
  "computed",
  "writeOnly",
  "sensitive",
  "internal",
  "reference",
  "set",
  "normalForm",
  "protects",
  "confirm",
  "expected",
] as const satisfies readonly (keyof Annotations)[];

function options(doc: string, given: Common<unknown> & Record<string, unknown>): Record<string, unknown> {
  const schema: Record<string, unknown> = { description: doc };
  const annotations: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const isAnnotation = (ANNOTATION_NAMES as readonly string[]).includes(name);
    (isAnnotation ? annotations : schema)[name] = value;
  }
  if (annotations.computed) schema.readOnly = true;
  if (annotations.writeOnly) schema.writeOnly = true;
  if (Object.keys(annotations).length > 0) schema[ANNOTATIONS] = annotations;
  return schema;
}

interface TextOptions extends Common<string> {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** A string. Lengths are in characters (Unicode code points). */
export const text = (doc: string, given: TextOptions) => Type.String(options(doc, { ...given }));

/** True or false; `false` unless told otherwise. */
export const flag = (doc: string, given: Common<boolean> = {}) =>
  Type.Boolean(options(doc, { default: false, ...given }));

/** A whole number within limits, both included. */
export const integer = (doc: string, given: Common<number> & { minimum: number; maximum: number }) =>
  Type.Integer(options(doc, { ...given }));

const ENUM = "StringEnum";
TypeRegistry.Set<{ enum: readonly string[] }>(ENUM, (schema, value) => schema.enum.includes(value as string));

/** One of a fixed list of strings (JSON schema `enum`, which every OpenAPI tool knows). */
export const choice = <const V extends readonly string[]>(
  values: V,
  doc: string,
  given: Common<V[number]> = {},
) =>
  Type.Unsafe<V[number]>({ [Kind]: ENUM, type: "string", enum: [...values], ...options(doc, { ...given }) });

interface ElementsOptions<T> extends Common<T[]> {
  readonly minItems?: number;
  readonly maxItems: number;
}

/** A list whose order matters. */
export const listOf = <T extends TSchema>(item: T, doc: string, given: ElementsOptions<Static<T>>) =>
  Type.Array(item, options(doc, { ...given }));

/** A set: its order does not matter, and an element given twice counts once. */
export const setOf = <T extends TSchema>(item: T, doc: string, given: ElementsOptions<Static<T>>) =>
  Type.Array(item, options(doc, { ...given, set: true }));

/** Fields that belong together. Each has its own default, so the group's default is all of theirs. */
export const group = <P extends Record<string, TSchema>>(properties: P, doc: string) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...options(doc, { default: defaultsOf(properties) }),
  });

/** One element of a list of objects: every field required. */
export const record = <P extends Record<string, TSchema>>(properties: P, doc: string) =>
  Type.Object(properties, { additionalProperties: false, ...options(doc, {}) });

/** The name of another object. */
export const reference = (
  kind: string,
  onDelete: OnDelete,
  doc: string,
  given: Common<string> & { confirm?: true } = {},
) =>
  Type.String(
    options(doc, {
      minLength: 1,
      maxLength: MAX_NAME,
      expected: `the name of a ${kind}`,
      ...given,
      reference: { kind, onDelete },
    }),
  );

/** A field the gateway fills in. It is stored with the object, but never part of what a client declares. */
export const computed = <T extends TSchema>(schema: T): T & Unstored => {
  const annotations = { ...annotationsOf(schema), computed: true };
  return { ...schema, readOnly: true, [ANNOTATIONS]: annotations } as unknown as T & Unstored;
};

/**
 * The three fields of a secret: the value (never returned), the salt that the libraries send with it, and the
 * fingerprint that comes back. Equal salt and value give an equal fingerprint, so a preview can tell whether
 * the value changed without anybody storing it.
 */
export const secret = (doc: string) => ({
  value: Type.String(
    options(doc, {
      minLength: 8,
      maxLength: 256,
      pattern: "^[\\x21-\\x7e]+$",
      expected: "8 to 256 printable ASCII characters without spaces",
      writeOnly: true,
      sensitive: true,
    }),
  ) as unknown as ReturnType<typeof Type.String> & Unstored,
  salt: Type.String(
    options("The salt of the fingerprint: 16 hex digits. The gateway picks one where it is left out.", {
      pattern: "^[0-9a-f]{16}$",
      expected: "16 lower-case hex digits",
      writeOnly: true,
      internal: true,
    }),
  ) as unknown as ReturnType<typeof Type.String> & Unstored,
  fingerprint: computed(
    text("Tells whether two values are equal without showing either; empty where no value is stored.", {
      default: "",
    }),
  ),
});

/** Whether a kind has the three fields of a secret. */
export const hasSecret = (fields: Readonly<Record<string, TSchema>>): boolean =>
  annotationsOf(fields.value ?? ({} as TSchema)).writeOnly === true;

/** A name's length, in characters; every character a name may have lies in the basic plane. */
export const MAX_NAME = 60;

function defaultsOf(properties: Record<string, TSchema>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schema.default]));
}
