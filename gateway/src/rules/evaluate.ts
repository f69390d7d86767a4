import { type Diagnostic, isError, type RouteChanges } from "@modelgateway/schema";
import { type Caller, type Change, unknownFields } from "./change";
import { claimTaken } from "./claims-rule";
import { Course } from "./course";
import { hasDependents } from "./dependents-rule";
import { hostAllowed } from "./joins/allowed-hosts";
import { fallbackLoop } from "./joins/fallback-loop";
import { fixedPathRoutes } from "./joins/fixed-path";
import { referenceGoing, referenceMissing } from "./references-rule";
import { routeChanges } from "./routes";
import type { Finding, Rule } from "./rule";
import { type Action, resolve } from "./steps";
import type { Stored } from "./stored";
import { apiUnbound, keptDiffers, renamedReference, undecided } from "./warnings";
import { nameOf, type World } from "./world";
import {
  changedTwice,
  confirmationMatches,
  ownerAllows,
  protectedFromDeletion,
  updateNeedsObject,
} from "./write-rules";

/** Every rule of the gateway that needs more than one object to judge. Their order is the order of the report. */
const RULES: readonly Rule[] = [
  changedTwice,
  updateNeedsObject,
  ownerAllows,
  protectedFromDeletion,
  confirmationMatches,
  referenceMissing,
  referenceGoing,
  claimTaken,
  fixedPathRoutes,
  hostAllowed,
  fallbackLoop,
  hasDependents,
  apiUnbound,
  keptDiffers,
  renamedReference,
  undecided,
];

/** What becomes of one change. */
export interface Outcome {
  /** The change's place in the plan; absent for a delete that only `owned` asks for. */
  readonly index?: number;
  readonly kind: string;
  /** Absent where the object does not exist yet. */
  readonly id?: string;
  readonly name: string;
  readonly action: Action;
  /** It is deleted because what it depends on is. */
  readonly cause?: "cascade" | "owned";
  readonly diagnostics: readonly Diagnostic[];
}

/** A dependent that refuses a delete. */
export interface Blocker {
  readonly target: Stored;
  readonly dependent: Stored;
  readonly via: string;
}

/** What to write, where nothing was refused: the objects to put, and the ids to remove. */
export interface Writes {
  readonly put: readonly Stored[];
  readonly remove: readonly string[];
}

/** A diagnostic with the change it is about; its path points into that change's object. */
export interface Judgement {
  readonly index?: number;
  readonly diagnostic: Diagnostic;
}

export interface Evaluation {
  /** Nothing was refused. */
  readonly ok: boolean;
  /** Something could not be judged, because a value is not known yet. */
  readonly undecided: boolean;
  readonly outcomes: readonly Outcome[];
  /** Every diagnostic, errors first, in the order to print. */
  readonly judgements: readonly Judgement[];
  readonly routes: RouteChanges;
  readonly blockers: readonly Blocker[];
  readonly writes: Writes;
  /** The worlds before the plan and after its creates and updates, to name things in. */
  readonly base: World;
  readonly after: World;
}

export interface EvaluateOptions {
  /** Judge every object of the caller that no change names as a delete. */
  readonly owned?: boolean;
  /** The id of an object that change `index` creates; a plan needs none. */
  readonly newId?: (index: number) => string;
}

/**
 * The verdict on a list of changes, the same for a plan of many and for a write of one. A plan is ok exactly if
 * the same changes, written one by one in every order that an engine may choose, end without a refusal and with
 * nothing left `going`.
 */
export function evaluate(
  base: World,
  caller: Caller,
  changes: readonly Change[],
  { owned = false, newId = (index) => `new-${index}` }: EvaluateOptions = {},
): Evaluation {
  const course = new Course(caller, resolve(base, caller, changes, { owned, newId }));
  const found = RULES.flatMap((rule) => rule(course));
  const waiting = new Set(found.filter((one) => isDeferred(course, one)));
  const findings = found.filter((one) => !waiting.has(one)).sort(bySeverity);
  return {
    ok: !findings.some(({ diagnostic }) => isError(diagnostic)),
    undecided: changes.some((change) => unknownFields(change).size > 0),
    outcomes: outcomes(course, findings),
    judgements: findings.map(({ step: { index }, diagnostic }) => ({
      ...(index !== undefined && { index }),
      diagnostic,
    })),
    routes: routeChanges(course),
    blockers: findings.flatMap((one) => blockersOf(course, one)),
    writes: writes(course, new Set([...waiting].map(({ step }) => step.id))),
    base,
    after: course.after,
  };
}

const bySeverity = (a: Finding, b: Finding): number =>
  Number(isError(b.diagnostic)) - Number(isError(a.diagnostic)) ||
  (a.step.index ?? Number.MAX_SAFE_INTEGER) - (b.step.index ?? Number.MAX_SAFE_INTEGER);

/** A delete `whenFree` is not refused for dependents of the caller's own: the object waits for them as going. */
function isDeferred(course: Course, { step: { change }, blockers }: Finding): boolean {
  return (
    change.op === "delete" &&
    change.whenFree === true &&
    (blockers?.every((one) => course.isOwn(one)) ?? false)
  );
}

function outcomes(course: Course, findings: readonly Finding[]): Outcome[] {
  const direct = course.steps.map((step): Outcome => {
    const exists = step.before !== undefined || step.change.op !== "create";
    return {
      ...(step.index === undefined ? { cause: "owned" as const } : { index: step.index }),
      kind: step.kind.kind,
      ...(exists && { id: step.id }),
      name: course.nameOf(step),
      action: step.action,
      diagnostics: findings.filter((one) => one.step === step).map(({ diagnostic }) => diagnostic),
    };
  });
  const cascaded = [...course.cascaded].map(([id, { index }]): Outcome => {
    const stored = course.base.get(id)!;
    const name = nameOf(course.base, stored);
    const place = index === undefined ? {} : { index };
    return { ...place, kind: stored.kind, id, name, action: "delete", cause: "cascade", diagnostics: [] };
  });
  return [...direct, ...cascaded];
}

function blockersOf(course: Course, { step, blockers }: Finding): Blocker[] {
  return (blockers ?? []).map((dependent) => ({
    target: step.before!,
    dependent,
    via: course.after.uses(step.id).find(({ from }) => from.id === dependent.id)?.field ?? "",
  }));
}

function writes(course: Course, going: ReadonlySet<string>): Writes {
  const put = course.steps.flatMap(({ id, before, after }) => {
    if (after) return [{ ...after, going: false }];
    if (!before || !going.has(id)) return [];
    // Whoever deletes an object of nobody's owns it while it goes, and may create it again.
    return [{ ...before, going: true, managedBy: course.caller.owner }];
  });
  const deleted = course.steps.filter(
    ({ id, action }) => action === "delete" && !course.upsertOf(id) && !going.has(id),
  );
  const cascaded = [...course.cascaded].filter(([, { id }]) => !going.has(id)).map(([id]) => id);
  return { put, remove: [...deleted.map(({ id }) => id), ...cascaded, ...course.freed] };
}
