import { type Static, type TSchema, type TString, Type } from "@sinclair/typebox";
import { annotationsOf, type Reference, text, type Unstored } from "./field";
import { ID_PATTERN, nameField, pluralPath } from "./names";

/** Values of an object's fields, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A problem inside one object: where (JSON pointer), and what was expected instead. */
export interface Problem {
  readonly path: string;
  readonly problem: string;
  /** The field is needed and was left out. */
  readonly missing?: true;
}

/** A rule over the fields of one object. Rules over several objects live in the gateway. */
export interface FieldRule {
  /** The stored fields it reads: while one of them is not known yet, it is not judged. */
  readonly reads: readonly string[];
  /** `has` tells whether a writeOnly field was given or is kept. */
  readonly judge: (fields: Values, has: (writeOnly: string) => boolean) => Problem | undefined;
}

/** A computed field that is a pure function of others. */
export interface Derivation {
  readonly reads: readonly string[];
  readonly from: (fields: never) => unknown;
}

type FieldSchemas = Readonly<Record<string, TSchema>>;

interface Definition<F extends FieldSchemas> {
  /** In PascalCase, singular: `ModelApi`. */
  readonly kind: string;
  /** What it is for, in a sentence or two of Markdown. */
  readonly doc: string;
  /** In the order a user meets them, without `name` and `description`, which every kind has. */
  readonly fields: F;
  /**
   * For a kind that only joins others: the reference fields that identify it. It takes no name; its name is
   * theirs, joined by a colon.
   */
  readonly joins?: readonly (keyof F & string)[];
  /** The diagnostic for a second object of the same identity; `name_taken` where left out. */
  readonly takenCode?: "name_taken" | "already_bound";
  readonly rules?: readonly FieldRule[];
  /** Computed fields that are pure functions of the others, by name. */
  readonly derived?: Readonly<Record<string, Derivation>>;
}

/** One kind of object: the single description from which every surface is derived. */
export interface Kind<F extends FieldSchemas = FieldSchemas> extends Omit<Definition<F>, "joins"> {
  readonly joins?: readonly string[];
  /** Its collection's path segment: `model-apis`. */
  readonly plural: string;
  /** Every field, `name` and `description` included. */
  readonly fields: F;
}

export type Described = { readonly description: TString };
export type Named = Described & { readonly name: TString };

/** The longest description, in characters (the manual's limit). */
export const MAX_DESCRIPTION = 200;

export function defineKind<const F extends FieldSchemas, const J extends readonly (keyof F & string)[] = []>(
  definition: Definition<F> & { readonly joins?: J },
): Kind<F & (J extends readonly [] ? Named : Described)> {
  const description = text(`For people: what this ${definition.kind} is for.`, {
    maxLength: MAX_DESCRIPTION,
    default: "",
  });
  const name = definition.joins ? {} : { name: nameField(definition.kind) };
  const fields = { ...name, ...definition.fields, description };
  return { ...definition, fields, plural: pluralPath(definition.kind) } as unknown as Kind<
    F & (J extends readonly [] ? Named : Described)
  >;
}

/** An object's normal form: every stored field, defaults filled in, references by name. */
export type FieldsOf<K extends Kind> = {
  readonly [P in keyof K["fields"] as K["fields"][P] extends Unstored ? never : P]: Static<K["fields"][P]>;
};

/** A field that a client declares and the gateway stores: neither computed nor writeOnly. */
export const isStored = (schema: TSchema): boolean => {
  const { computed, writeOnly } = annotationsOf(schema);
  return !computed && !writeOnly;
};

/** A required field has no default; what is computed or writeOnly is never required by itself. */
export const isRequired = (schema: TSchema): boolean => isStored(schema) && schema.default === undefined;

/** One place in an object that holds a reference. */
export interface ReferenceField {
  readonly field: string;
  readonly list: boolean;
  readonly reference: Reference;
  readonly confirm: boolean;
}

/** The reference fields of a kind, in its order. */
export function referenceFields(kind: Kind): readonly ReferenceField[] {
  const known = referenceFieldsByKind.get(kind);
  if (known) return known;
  const found = Object.entries(kind.fields).flatMap(([field, schema]): ReferenceField[] => {
    const list = schema.type === "array";
    const { reference, confirm } = annotationsOf(list ? schema.items : schema);
    return reference ? [{ field, list, reference, confirm: confirm === true }] : [];
  });
  referenceFieldsByKind.set(kind, found);
  return found;
}
const referenceFieldsByKind = new WeakMap<Kind, readonly ReferenceField[]>();

/** The kinds that a gateway serves. Everything takes the model as an argument, so a test can add its own kind. */
export class Model {
  readonly kinds: readonly Kind[];
  readonly #byName: ReadonlyMap<string, Kind>;

  constructor(kinds: readonly Kind[]) {
    this.kinds = kinds;
    this.#byName = new Map(kinds.map((kind) => [kind.kind, kind]));
    for (const kind of kinds) {
      for (const { field, reference } of referenceFields(kind)) {
        if (!this.#byName.has(reference.kind)) {
          throw new Error(`${kind.kind}.${field} refers to ${reference.kind}, which is not in the model`);
        }
      }
    }
  }

  /** Throws where there is no such kind: use `find` for names that come from outside. */
  kind(name: string): Kind {
    const kind = this.#byName.get(name);
    if (!kind) throw new Error(`no kind is called ${name}`);
    return kind;
  }

  find(name: string): Kind | undefined {
    return this.#byName.get(name);
  }
}

/** What the gateway adds to every object it returns. */
const SYSTEM_FIELDS = {
  revision: Type.Integer({
    description: "The gateway's revision at this object's last change.",
    readOnly: true,
  }),
  managedBy: Type.Optional(
    Type.String({ description: "The owner: the stack or configuration that declares it.", readOnly: true }),
  ),
  managedAs: Type.Optional(Type.String({ description: "Its logical name there.", readOnly: true })),
  createdAt: Type.String({ format: "date-time", readOnly: true }),
  updatedAt: Type.String({ format: "date-time", readOnly: true }),
  going: Type.Optional(
    Type.Boolean({ description: "Deleted, and served until nothing depends on it.", readOnly: true }),
  ),
};

/** The computed field that holds the id behind a reference which a delete must repeat: `service` -> `serviceId`. */
export const confirmIdField = ({ field }: ReferenceField): string => `${field}Id`;

function computedFields(kind: Kind): Record<string, TSchema> {
  const own = Object.entries(kind.fields).filter(([, schema]) => annotationsOf(schema).computed);
  const confirmed = referenceFields(kind)
    .filter((reference) => reference.confirm)
    .map((reference) => [
      confirmIdField(reference),
      Type.String({
        pattern: ID_PATTERN,
        readOnly: true,
        description: `The id behind \`${reference.field}\`.`,
      }),
    ]);
  const name = kind.joins
    ? { name: Type.String({ readOnly: true, description: "What it joins, separated by colons." }) }
    : {};
  return { ...name, ...Object.fromEntries([...own, ...confirmed]) };
}

/** An object as the control API returns it: its normal form and what the gateway adds. */
export function objectSchema(kind: Kind): TSchema {
  const stored = Object.entries(kind.fields).filter(([, schema]) => isStored(schema));
  return Type.Object(
    {
      id: Type.String({ pattern: ID_PATTERN, readOnly: true }),
      ...Object.fromEntries(stored),
      ...computedFields(kind),
      ...SYSTEM_FIELDS,
    },
    { $id: kind.kind, description: kind.doc },
  );
}

/** A request's body: what is declared. Computed fields are accepted and ignored, so get-edit-put works. */
export function requestSchema(kind: Kind): TSchema {
  const known = requestSchemas.get(kind);
  if (known) return known;
  const declared = Object.entries(kind.fields)
    .filter(([, schema]) => !annotationsOf(schema).computed)
    .map(([name, schema]) => {
      const input = inputSchema(schema);
      return [name, isRequired(schema) ? input : Type.Optional(input)] as const;
    });
  const ignored = Object.keys({ id: true, ...computedFields(kind), ...SYSTEM_FIELDS }).map(
    (name) => [name, Type.Optional(Type.Unknown({ readOnly: true }))] as const,
  );
  const schema = Type.Object(Object.fromEntries([...declared, ...ignored]), {
    additionalProperties: false,
    description: kind.doc,
  });
  requestSchemas.set(kind, schema);
  return schema;
}
const requestSchemas = new WeakMap<Kind, TSchema>();

/** A field's schema as a request may give it: optional where it has a default, at every depth. */
export function inputSchema(schema: TSchema): TSchema {
  const { properties, items } = schema as { properties?: FieldSchemas; items?: TSchema };
  if (properties) {
    const { required: _, ...rest } = schema;
    return { ...rest, ...objectOf(properties) };
  }
  if (items) return { ...schema, items: inputSchema(items) };
  return schema;
}

function objectOf(properties: FieldSchemas): TSchema {
  const members = Object.entries(properties).map(([name, member]) => {
    const input = inputSchema(member);
    return [name, member.default === undefined ? input : Type.Optional(input)] as const;
  });
  return Type.Object(Object.fromEntries(members), { additionalProperties: false });
}
