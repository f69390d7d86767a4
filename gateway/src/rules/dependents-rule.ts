import { diagnostic } from "@modelgateway/schema";
import { unknownFields } from "./change";
import type { Course } from "./course";
import { type Finding, finding, label, labelOf, type Rule } from "./rule";
import type { Step } from "./steps";
import type { Stored, Use } from "./stored";
import { idsIn } from "./world";

/**
 * A delete is judged in the world after all creates and updates, less what the plan deletes besides, but not
 * less what those deletes only cascade to.
 */
export const hasDependents: Rule = (course) =>
  course.steps.flatMap((step) => {
    if (step.action !== "delete" || !step.before) return [];
    const stays = course.after.uses(step.id).filter((use) => !leaves(course, step, use));
    const blockers = unique(stays.filter(({ from }) => !course.cascaded.has(from.id)));
    if (blockers.length > 0) return [inUse(course, step, blockers)];
    return [
      ...departures(course, step),
      ...unique(stays).map((from) => cascadesElsewhere(course, step, from)),
    ];
  });

function inUse(course: Course, step: Step, blockers: readonly Stored[]): Finding {
  const target = labelOf(course.base, step.before!);
  const dependents = blockers.map((blocker) => labelOf(course.after, blocker));
  return { step, blockers, diagnostic: diagnostic("has_dependents", "", { target, dependents }) };
}

/** The dependent goes along with another delete, which no engine knows to make first. */
function cascadesElsewhere(course: Course, step: Step, from: Stored): Finding {
  const other = labelOf(course.after, from);
  const cause = course.cascaded.get(from.id)!;
  const causeName = `${cause.kind.kind}/${course.nameOf(cause)}`;
  return twoSteps(course, step, from, {
    why: `${other.kind}/${other.name} depends on it, and only goes along with ${causeName}`,
    remedy: `Delete ${causeName} in an apply of its own first`,
  });
}

function twoSteps(course: Course, step: Step, from: Stored, words: { why: string; remedy: string }): Finding {
  const parties = { of: label(course, step), other: labelOf(course.base, from) };
  return { ...finding(step, "needs_two_steps", "", { ...parties, ...words }), blockers: [from] };
}

/** Whether a dependent stands in nobody's way: it goes as well, or the deleted object comes back under its id. */
function leaves(course: Course, step: Step, { from, onDelete }: Use): boolean {
  if (course.deleteOf(from.id) && !course.upsertOf(from.id)) return true;
  if (onDelete === "cascade" && course.cascaded.get(from.id) === step) return true;
  if (!comesBack(course, step)) return false;
  return course.isOwn(from) || isNewUse(course, step, from) || course.deleteOf(from.id) !== undefined;
}

/** A replacement of the same identity: the object goes, its own dependents keep it, and the create revives it. */
const comesBack = (course: Course, { id }: Step): boolean => course.upsertOf(id) !== undefined;

/** A reference that the plan makes resolves to the replacement, which an engine creates before it. */
const isNewUse = (course: Course, { id }: Step, from: Stored): boolean =>
  !course.base.uses(id).some((use) => use.from.id === from.id);

/**
 * Dependents that the same plan takes away from the object. Pulumi updates them first; Terraform deletes the
 * object first, which then waits as `going` for them, provided they are all the caller's own.
 */
function departures(course: Course, step: Step): Finding[] {
  const departing = course.base
    .uses(step.id)
    .filter((use) => waits(course, step, use) && !course.isOwn(use.from));
  return unique(departing).map((from) => {
    const other = labelOf(course.base, from);
    return twoSteps(course, step, from, {
      why: `${other.kind}/${other.name} depends on it until this plan changes it, and is not this program's own`,
      remedy: course.caller.owner
        ? "Change it in an apply of its own first, which also makes it this program's own"
        : "Set an owner (`managed_by`), or change it in an apply of its own first",
    });
  });
}

function waits(course: Course, step: Step, { from, onDelete }: Use): boolean {
  // Engines delete a dependent before what it depends on, but the delete of a replacement comes even earlier.
  const isCascaded = onDelete === "cascade" && from.managedBy === "";
  if (course.deleteOf(from.id)) return step.replacedBy !== undefined && !isCascaded;
  const update = course.upsertOf(from.id);
  if (!update) return false;
  const stillUses = course.after.uses(step.id).some((use) => use.from.id === from.id);
  return stillUses ? comesBack(course, step) : !hasUnknownReference(course, update, step.id);
}

/** Whether a reference that led to the object before is not known yet: nothing can be said then. */
function hasUnknownReference(course: Course, upsert: Step, id: string): boolean {
  const before = course.base.get(upsert.id);
  return [...unknownFields(upsert.change)].some(
    (field) => before !== undefined && idsIn(before.fields, field).includes(id),
  );
}

/** The dependents behind some references, each once. */
const unique = (uses: readonly Use[]): Stored[] => [
  ...new Map(uses.map(({ from }) => [from.id, from])).values(),
];
