import {
  check,
  choice,
  type Diagnostic,
  hasSecret,
  isError,
  type Kind,
  type Model,
  schemaProblems,
  strictObject,
  under,
  type Values,
} from "@modelgateway/schema";
import { type TSchema, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { type Change, type Evaluation, evaluate, type Outcome } from "../rules";
import { callerOf } from "./caller";
import { labelView, remedyFor } from "./dependents";
import type { Ledger } from "./ledger";
import { DEPENDENT, DIAGNOSTICS, named, problems } from "./openapi";
import { Problem } from "./problem";
import { PLAN_LIMIT_BYTES } from "./protocol";
import type { ControlOptions } from "./server";

const MAX_CHANGES = 100_000;

/** The verdict on changes that an engine is about to write. Never writes, never waits for a writer. */
export function planRoutes(app: FastifyInstance, { ledger }: ControlOptions): void {
  const body = planSchema(ledger.model);
  app.post(
    "/v1/plans",
    {
      bodyLimit: PLAN_LIMIT_BYTES,
      schema: {
        tags: ["Plan"],
        summary: "Judge changes before they are written",
        body,
        response: { 200: PLAN, ...problems(413, 415) },
      },
    },
    async (request) => {
      const broken = schemaProblems(body, request.body, { kind: "Request", name: "plan" });
      if (broken.length > 0) throw new Problem(broken);
      return judge(ledger, callerOf(request).owner, request.body as PlanRequest);
    },
  );
}

/** A change as it is sent; `object` is judged by its kind, not by the envelope. */
interface SentChange {
  readonly op: "create" | "update" | "delete" | "keep";
  readonly kind: string;
  readonly id?: string;
  readonly object?: unknown;
  readonly unknown?: readonly string[];
  readonly adopt?: true | "force";
  readonly managedAs?: string;
  readonly replaces?: string;
  readonly takeOver?: true | string;
  readonly expect?: Readonly<Record<string, string>>;
}

interface PlanRequest {
  readonly changes: readonly SentChange[];
  readonly owned?: boolean;
}

function judge(ledger: Ledger, owner: string, { changes: sent, owned = false }: PlanRequest) {
  const read = sent.map((change) => readChange(ledger.model.kind(change.kind), change));
  const evaluation = evaluate(
    ledger.world,
    { owner },
    read.map(({ change }) => change),
    { owned },
  );
  const shape = read.flatMap(({ diagnostics }, index) =>
    diagnostics.map((one) => under(`/changes/${index}/object`, one)),
  );
  const rest = evaluation.judgements.map(({ index, diagnostic }) =>
    index === undefined ? diagnostic : under(prefixOf(sent, index), diagnostic),
  );
  const shapeErrors = shape.some(isError);
  return {
    revision: ledger.revision,
    ok: evaluation.ok && !shapeErrors,
    undecided: evaluation.undecided,
    changes: evaluation.outcomes.map((outcome) => outcomeView(outcome, sent, read)),
    diagnostics: [...shape, ...rest].sort((a, b) => Number(isError(b)) - Number(isError(a))),
    routes: evaluation.routes,
    blockers: blockersIn(evaluation),
  };
}

const prefixOf = (sent: readonly SentChange[], index: number): string =>
  sent[index]?.object === undefined ? `/changes/${index}` : `/changes/${index}/object`;

interface ReadChange {
  readonly change: Change;
  /** What the object's own schema refuses. */
  readonly diagnostics: readonly Diagnostic[];
}

function readChange(kind: Kind, sent: SentChange): ReadChange {
  const { op, id = "", unknown = [] } = sent;
  if (op === "delete") {
    const { takeOver, expect } = sent;
    return {
      change: { op, kind: kind.kind, id, ...(takeOver && { takeOver }), ...(expect && { expect }) },
      diagnostics: [],
    };
  }
  if (op === "keep" && sent.object === undefined)
    return { change: { op, kind: kind.kind, id }, diagnostics: [] };

  // A writeOnly value counts as present; where the body names another source, it does not.
  const body = sent.object as Values | null;
  const kept = () => hasSecret(kind.fields) && !body?.valueFrom;
  const { fields, diagnostics } = check(kind, body, { unknown, kept });
  const refused = diagnostics.length > 0;
  const object = refused ? nameOnly(kind, body) : fields;
  const waiting = refused
    ? Object.keys(kind.fields).filter((field) => !(field in object))
    : unknown.map(topField);
  const read = { kind: kind.kind, object, unknown: new Set(waiting) };
  const { managedAs, adopt, replaces, takeOver } = sent;
  if (op === "keep") return { change: { op, kind: kind.kind, id, ...(!refused && { object }) }, diagnostics };
  if (op === "update") {
    return {
      change: { op, id, ...read, ...(takeOver && { takeOver }), ...(managedAs && { managedAs }) },
      diagnostics,
    };
  }
  return {
    change: {
      op,
      ...read,
      ...(adopt && { adopt }),
      ...(managedAs && { managedAs }),
      ...(replaces && { replaces }),
    },
    diagnostics,
  };
}

/** Of a refused object only the name counts, so that what refers to it is not refused as well. */
function nameOnly(kind: Kind, body: Values | null): Values {
  const name = body?.name;
  const isGood =
    typeof name === "string" && schemaProblems(kind.fields.name!, name, { kind: "", name: "" }).length === 0;
  return isGood ? { name } : {};
}

const topField = (pointer: string): string => pointer.split("/")[1] ?? "";

function outcomeView(
  { diagnostics, ...outcome }: Outcome,
  sent: readonly SentChange[],
  read: readonly ReadChange[],
) {
  const { index } = outcome;
  if (index === undefined) return { ...outcome, diagnostics };
  const own = outcome.cause
    ? []
    : read[index]!.diagnostics.map((one) => under(`/changes/${index}/object`, one));
  return {
    ...outcome,
    diagnostics: [...own, ...diagnostics.map((one) => under(prefixOf(sent, index), one))],
  };
}

function blockersIn({ blockers, base, after }: Evaluation) {
  return blockers.map(({ target, dependent, via }) => {
    const { managedBy: _, ...label } = labelView(base, target);
    return {
      target: label,
      dependent: labelView(after, dependent),
      via,
      remedy: remedyFor(after, dependent, via),
    };
  });
}

function planSchema(model: Model): TSchema {
  const kind = choice(
    model.kinds.map((one) => one.kind),
    "The object's kind.",
  );
  const change = strictObject({
    op: choice(["create", "update", "delete", "keep"], "What will be done."),
    kind,
    id: Type.Optional(Type.String({ maxLength: 64, description: "The object's id; for all but `create`." })),
    object: Type.Optional(
      Type.Unknown({ description: "The body that PUT or POST would get, without writeOnly values." }),
    ),
    unknown: Type.Optional(
      Type.Array(Type.String({ pattern: "^(/[^/]*)+$", maxLength: 1000 }), { maxItems: 10_000 }),
    ),
    adopt: Type.Optional(Type.Unsafe<true | "force">({ ...choiceOf([true, "force"]) })),
    managedAs: Type.Optional(Type.String({ maxLength: 400 })),
    replaces: Type.Optional(Type.String({ maxLength: 64 })),
    takeOver: Type.Optional(Type.Union([Type.Literal(true), Type.String({ maxLength: 400 })])),
    expect: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 400 }))),
  });
  return strictObject({
    changes: Type.Array(change, { maxItems: MAX_CHANGES }),
    owned: Type.Optional(
      Type.Boolean({ description: "Judge every object of the caller that no change names as a delete." }),
    ),
  });
}

const choiceOf = (values: readonly unknown[]) =>
  Type.Union(values.map((value) => Type.Literal(value as string)));

const LABEL = Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() });

const PLAN = Type.Object({
  revision: Type.Integer(),
  ok: Type.Boolean(),
  undecided: Type.Boolean(),
  changes: Type.Array(
    Type.Object({
      index: Type.Optional(Type.Integer()),
      kind: Type.String(),
      id: Type.Optional(Type.String()),
      name: Type.String(),
      action: Type.String({ enum: ["create", "adopt", "resume", "update", "delete", "none"] }),
      cause: Type.Optional(Type.String({ enum: ["cascade", "owned"] })),
      diagnostics: DIAGNOSTICS,
    }),
  ),
  diagnostics: DIAGNOSTICS,
  routes: Type.Object({
    added: Type.Array(named("Route")),
    removed: Type.Array(named("Route")),
    moved: Type.Array(
      Type.Object({
        id: Type.String(),
        api: Type.String(),
        name: Type.String(),
        from: named("Route"),
        to: named("Route"),
      }),
    ),
  }),
  blockers: Type.Array(
    Type.Object({ target: LABEL, dependent: DEPENDENT, via: Type.String(), remedy: Type.String() }),
  ),
});
