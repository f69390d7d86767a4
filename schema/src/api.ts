import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { CATALOGUE, type Code } from "./catalogue";
import { strictObject } from "./check";
import { choice } from "./field";
import type { Model, Values } from "./kind";
import { isRecord } from "./normal-form";

/**
 * The control API's own shapes, beside the kinds: what the gateway validates, documents and answers, and what the
 * providers read and write. A schema with an `$id` stands once in the OpenAPI document, under that name.
 */
type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [P in keyof T]: DeepReadonly<T[P]> }
    : T;
type Shape<S extends TSchema> = DeepReadonly<Static<S>>;

/** An object as the gateway returns it: its kind's fields, and what the gateway adds. */
export interface GatewayObject extends Values {
  readonly id: string;
  readonly name: string;
  readonly managedBy?: string;
}

export const isGatewayObject = (value: unknown): value is GatewayObject =>
  isRecord(value) && typeof value.id === "string" && typeof value.name === "string";

const NAMED = { kind: Type.String(), id: Type.String(), name: Type.String() };

/** An object that refers to another one. */
export const DEPENDENT = Type.Object({ ...NAMED, managedBy: Type.Optional(Type.String()) });
export type Dependent = Shape<typeof DEPENDENT>;

export const DIAGNOSTIC = Type.Object(
  {
    code: choice(Object.keys(CATALOGUE) as Code[], "What happened; see the list of diagnostics."),
    severity: choice(["error", "warning"], "Whether it refuses."),
    summary: Type.String({ description: "What, in one line that names its object." }),
    detail: Type.String({ description: "Why, and the way out." }),
    path: Type.String({ description: "A JSON pointer into the request's body." }),
  },
  { $id: "Diagnostic" },
);

export const PROBLEM = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    diagnostics: Type.Array(DIAGNOSTIC),
    dependents: Type.Optional(Type.Array(DEPENDENT)),
  },
  { $id: "Problem", description: "A refusal (RFC 9457)." },
);
export type ProblemDocument = Shape<typeof PROBLEM>;

export const ROUTE = Type.Object(
  {
    id: Type.Optional(Type.String({ description: "Stable over edits; absent before the API exists." })),
    api: Type.String({ description: "The API's name." }),
    name: Type.String({ description: "The preset's name." }),
    type: Type.String({ description: "The API's scene." }),
    method: Type.String(),
    path: Type.String({ description: "The complete path that clients request." }),
    forwardedPath: Type.String({ description: "The path that the model service receives." }),
    matchHeaders: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
    service: Type.Optional(Type.String({ description: "The bound service's name." })),
  },
  { $id: "Route", description: "A routing rule with what surrounds it." },
);
export type Route = Shape<typeof ROUTE>;

/** One change of a plan. */
const planChange = (kinds: readonly string[]) =>
  strictObject({
    op: choice(["create", "update", "delete", "keep"], "What will be done; `keep` is what is left alone."),
    kind: choice(kinds, "The object's kind."),
    id: Type.Optional(Type.String({ maxLength: 64, description: "The object's id; for all but `create`." })),
    object: Type.Optional(
      Type.Unknown({ description: "The body that PUT or POST would get, without writeOnly values." }),
    ),
    unknown: Type.Optional(
      Type.Array(Type.String({ pattern: "^(/[^/]*)+$", maxLength: 1000 }), {
        maxItems: 10_000,
        description: "JSON pointers to values that are not known yet; their rules are skipped.",
      }),
    ),
    adopt: Type.Optional(
      Type.Union([Type.Literal(true), Type.Literal("force")], {
        description: "Take over an existing object of this name: one without an owner, or with `force` any.",
      }),
    ),
    managedAs: Type.Optional(
      Type.String({ maxLength: 400, description: "The logical name at its owner's." }),
    ),
    replaces: Type.Optional(
      Type.String({ maxLength: 64, description: "The id of the object that this one replaces." }),
    ),
    takeOver: Type.Optional(
      Type.Union([Type.Literal(true), Type.String({ maxLength: 400 })], {
        description: "Take the object from its owner: from any, or from this one.",
      }),
    ),
    expect: Type.Optional(
      Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 400 }), {
        description: "For a delete: what it repeats, by field.",
      }),
    ),
  });
export type PlanChange = Shape<ReturnType<typeof planChange>>;

/** The most changes of one plan. */
const MAX_CHANGES = 100_000;

/** The body of `POST /v1/plans`. */
export const planRequest = (model: Model) =>
  strictObject({
    changes: Type.Array(planChange(model.kinds.map(({ kind }) => kind)), { maxItems: MAX_CHANGES }),
    owned: Type.Optional(
      Type.Boolean({ description: "Judge every object of the caller that no change names as a delete." }),
    ),
  });
export type PlanRequest = Shape<ReturnType<typeof planRequest>>;

const ROUTE_CHANGES = Type.Object({
  added: Type.Array(ROUTE),
  removed: Type.Array(ROUTE),
  moved: Type.Array(
    Type.Object({ id: Type.String(), api: Type.String(), name: Type.String(), from: ROUTE, to: ROUTE }),
  ),
});
export type RouteChanges = Shape<typeof ROUTE_CHANGES>;

const PLANNED_CHANGE = Type.Object({
  index: Type.Optional(Type.Integer({ description: "The change's place in the request." })),
  ...NAMED,
  id: Type.Optional(Type.String()),
  action: choice(["create", "adopt", "resume", "update", "delete", "none"], "What a write would do."),
  cause: Type.Optional(
    choice(["cascade", "owned"], "Why it is deleted though no change says so: with its API, or by `owned`."),
  ),
  diagnostics: Type.Array(DIAGNOSTIC),
});

/** The answer of `POST /v1/plans`. */
export const VERDICT = Type.Object({
  revision: Type.Integer({ description: "The revision that the plan read; the verdict holds for it." }),
  ok: Type.Boolean({ description: "Every order of writes that an engine may choose succeeds." }),
  undecided: Type.Boolean({ description: "Something waits for a value that is not known yet." }),
  changes: Type.Array(PLANNED_CHANGE),
  diagnostics: Type.Array(DIAGNOSTIC, { description: "All of them, in the order to print." }),
  routes: ROUTE_CHANGES,
  blockers: Type.Array(
    Type.Object({
      target: Type.Object(NAMED),
      dependent: DEPENDENT,
      via: Type.String({ description: "The field of the dependent that refers to the target." }),
      remedy: Type.String(),
    }),
  ),
});
export type Verdict = Shape<typeof VERDICT>;
