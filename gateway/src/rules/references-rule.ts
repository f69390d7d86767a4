import { type Course, namesIn, targetsOf } from "./course";
import { finding, label, labelOf, type Rule } from "./rule";
import type { Step } from "./steps";
import { byName, nameOf } from "./world";

/** What a create, an update or a kept object names must exist after all creates and updates of the plan. */
export const referenceMissing: Rule = (course) =>
  course.steps.filter(isThere).flatMap((step) =>
    namesIn(step)
      .filter(({ kind, name }) => !byName(course.after, course.base.model.kind(kind), name))
      .map(({ kind, name, path, field }) => {
        const of = label(course, step);
        const renamed = byName(course.base, course.base.model.kind(kind), name);
        if (!renamed || step.change.op === "keep") {
          return finding(step, "reference_missing", path, { of, field, target: { kind, name } });
        }
        // Written before the rename, the old name would still do.
        const other = { kind, name: nameOf(course.after, course.after.get(renamed.id)!) };
        const why = `\`${field}\` names ${kind}/${name}, which this plan renames to ${other.name}`;
        return finding(step, "needs_two_steps", path, {
          of,
          other,
          why,
          remedy: "Refer to it by its new name",
        });
      }),
  );

/** Of a kept object that is gone there is nothing to judge; `kept_gone` says so. */
const isThere = ({ change, before }: Step): boolean => change.op !== "keep" || before !== undefined;

/** Nobody may begin to refer to an object that is being deleted, unless the plan creates it again. */
export const referenceGoing: Rule = (course) =>
  course.steps.flatMap((step) => {
    if (!step.after) return [];
    const held = new Set(step.before ? targetsOf(course.base, step.before) : []);
    const keeping = keeps(course, step);
    return namesIn(step).flatMap(({ kind, name, path }) => {
      const target = byName(course.after, course.base.model.kind(kind), name);
      if (!target?.going || (held.has(target.id) && keeping === "always")) return [];
      const dependents = course.base.uses(target.id).map(({ from }) => labelOf(course.base, from));
      if (held.has(target.id) && keeping === "sometimes") {
        const why = `${kind}/${name} is being deleted, and goes in the moment in which the replacement lets go of it`;
        const remedy = `Create ${kind}/${name} again in an apply of its own first`;
        const other = { kind, name };
        return [finding(step, "needs_two_steps", path, { of: label(course, step), other, why, remedy })];
      }
      return [finding(step, "going", path, { target: { kind, name }, dependents })];
    });
  });

/**
 * Whether an object keeps what it refers to until it is written. A replaced one is deleted first: it only keeps it
 * while something uses the object itself, so that it waits as going and is revived.
 */
function keeps(course: Course, { id }: Step): "always" | "sometimes" | "never" {
  if (!course.deleteOf(id)) return "always";
  const uses = course.base.uses(id).filter(({ from }) => !course.cascaded.has(from.id));
  if (uses.length === 0) return "never";
  const stay = new Set(course.after.uses(id).map(({ from }) => from.id));
  const isKept = uses.some(({ from }) => stay.has(from.id) && !course.deleteOf(from.id));
  return isKept ? "always" : "sometimes";
}
