import { equal, type Values } from "@modelgateway/schema";
import { unknownFields } from "./change";
import { finding, label, labelOf, type Rule } from "./rule";
import { namedFields, nameOf } from "./world";

/** An API without a service answers 503: the manual's dialog makes both in one go. */
export const apiUnbound: Rule = (course) =>
  course.steps.flatMap((step) => {
    const bound = (id: string) => course.end.uses(id).some(({ from }) => from.kind === "ModelApiBinding");
    if (step.kind.kind !== "ModelApi" || !course.end.get(step.id) || bound(step.id)) return [];
    return [finding(step, "api_unbound", "", { api: label(course, step) })];
  });

/** What an operation leaves alone should be there, and be as its program says. */
export const keptDiffers: Rule = (course) =>
  course.steps.flatMap((step) => {
    const { change, before } = step;
    if (change.op !== "keep") return [];
    if (!before) {
      return [finding(step, "kept_gone", "", { of: label(course, step), id: change.id })];
    }
    const fields = change.object ? differing(change.object, namedFields(course.base, before)) : [];
    return fields.length === 0 ? [] : [finding(step, "drifted", "", { of: label(course, step), fields })];
  });

const differing = (declared: Values, actual: Values): string[] =>
  Object.keys(declared).filter((field) => !equal(declared[field], actual[field]));

/** The programs of other owners still say the old name. */
export const renamedReference: Rule = (course) =>
  course.steps.flatMap((step) => {
    const { before, after, id, kind } = step;
    if (kind.joins || !before || !after || after.fields.name === undefined) return [];
    if (before.fields.name === after.fields.name) return [];
    const others = course.end
      .uses(id)
      .filter(({ from }) => from.managedBy !== "" && !course.isOwn(from))
      .map(({ from }) => labelOf(course.end, from));
    const of = { kind: kind.kind, name: nameOf(course.base, before) };
    const parameters = { of, to: String(after.fields.name), dependents: others };
    return others.length === 0 ? [] : [finding(step, "renamed_reference", "/name", parameters)];
  });

/** Rules that wait for a value. */
export const undecided: Rule = (course) =>
  course.steps.flatMap((step) => {
    const fields = [...unknownFields(step.change)];
    return fields.length === 0 ? [] : [finding(step, "undecided", "", { of: label(course, step), fields })];
  });
