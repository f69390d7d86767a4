import { annotationsOf, referenceFields } from "@modelgateway/schema";
import type { TakeOver } from "./change";
import { finding, label, labelOf, type Rule } from "./rule";
import { idsIn, nameOf } from "./world";

/** Two changes of one object have no order: which of them would be the last? */
export const changedTwice: Rule = (course) => {
  const first = new Map<string, number>();
  return course.steps.flatMap((step) => {
    const { change, id, index } = step;
    // The two halves of a replacement.
    if (index === undefined || (change.op === "create" && change.replaces === id)) return [];
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
      return [];
    }
    return [finding(step, "duplicate_change", "", { of: label(course, step), first: earlier })];
  });
};

/** An update needs its object; one that is being deleted accepts none. */
export const updateNeedsObject: Rule = (course) =>
  course.steps.flatMap((step) => {
    if (step.change.op !== "update") return [];
    const { before } = step;
    if (!before) {
      return [finding(step, "gone", "", { of: label(course, step), id: step.id })];
    }
    if (!before.going) return [];
    const dependents = course.base.uses(step.id).map(({ from }) => labelOf(course.base, from));
    return [finding(step, "going", "", { target: labelOf(course.base, before), dependents })];
  });

/** An object is changed and deleted by its owner, by a human, or by one who says whose it takes over. */
export const ownerAllows: Rule = (course) =>
  course.steps.flatMap((step) => {
    const { change, before } = step;
    if ((change.op !== "update" && change.op !== "delete") || !before) return [];
    const { owner } = course.caller;
    if (owner === "" || before.managedBy === "" || before.managedBy === owner) return [];
    if (takesOver(change.takeOver, before.managedBy)) return [];
    const target = labelOf(course.base, before);
    return [finding(step, "managed_by_other", "", { target, caller: owner })];
  });

const takesOver = (given: TakeOver | undefined, owner: string): boolean => given === true || given === owner;

/** Deletion protection must be switched off by a change of its own. */
export const protectedFromDeletion: Rule = (course) =>
  course.steps.flatMap((step) => {
    const { action, before, kind } = step;
    if (action !== "delete" || !before) return [];
    return Object.entries(kind.fields)
      .filter(([field, schema]) => annotationsOf(schema).protects && before.fields[field] === true)
      .map(([field]) =>
        finding(step, "deletion_protected", "", { target: labelOf(course.base, before), field }),
      );
  });

/** The manual's unbind dialog: a delete that repeats a name must repeat the right one. */
export const confirmationMatches: Rule = (course) =>
  course.steps.flatMap((step) => {
    const { change, before, kind } = step;
    if (change.op !== "delete" || !before) return [];
    return referenceFields(kind).flatMap(({ field, confirm }) => {
      const given = change.expect?.[field];
      const [id] = idsIn(before.fields, field);
      const target = id === undefined ? undefined : course.base.get(id);
      if (!confirm || given === undefined || !target) return [];
      const name = nameOf(course.base, target);
      if (given === target.id || given === name) return [];
      const parameters = { target: labelOf(course.base, before), given, service: name };
      return [finding(step, "confirmation_mismatch", "", parameters)];
    });
  });
