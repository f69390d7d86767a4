import {
  check,
  type Diagnostic,
  hasSecret,
  isError,
  type Kind,
  type PlanChange,
  type PlanRequest,
  planRequest,
  schemaProblems,
  under,
  type Values,
  VERDICT,
  type Verdict,
} from "@modelgateway/schema";
import type { FastifyInstance } from "fastify";
import { type Change, type Evaluation, evaluate, type Outcome } from "../rules";
import { callerOf } from "./caller";
import { labelView, remedyFor } from "./dependents";
import type { Ledger } from "./ledger";
import { problems } from "./openapi";
import type { ControlOptions } from "./options";
import { Problem } from "./problem";
import { PLAN_LIMIT_BYTES } from "./protocol";

/** The verdict on changes that an engine is about to write. Never writes, never waits for a writer. */
export function planRoutes(app: FastifyInstance, { ledger }: ControlOptions): void {
  const body = planRequest(ledger.model);
  app.post(
    "/v1/plans",
    {
      bodyLimit: PLAN_LIMIT_BYTES,
      schema: {
        tags: ["Plan"],
        summary: "Judge changes before they are written",
        body,
        response: { 200: VERDICT, ...problems(413, 415) },
      },
    },
    async (request) => {
      const broken = schemaProblems(body, request.body, { kind: "Request", name: "plan" });
      if (broken.length > 0) throw new Problem(broken);
      return judge(ledger, callerOf(request).owner, request.body as PlanRequest);
    },
  );
}

function judge(ledger: Ledger, owner: string, { changes: sent, owned = false }: PlanRequest): Verdict {
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

const prefixOf = (sent: readonly PlanChange[], index: number): string =>
  sent[index]?.object === undefined ? `/changes/${index}` : `/changes/${index}/object`;

interface ReadChange {
  readonly change: Change;
  /** What the object's own schema refuses. */
  readonly diagnostics: readonly Diagnostic[];
}

function readChange(kind: Kind, sent: PlanChange): ReadChange {
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
  sent: readonly PlanChange[],
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
