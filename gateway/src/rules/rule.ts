import { type Code, type Diagnostic, diagnostic, type Label, type ParametersOf } from "@modelgateway/schema";
import type { Course, State } from "./course";
import type { Step } from "./steps";
import type { Stored } from "./stored";
import { nameOf, type World } from "./world";

/** What a rule found, and with which change. The path points into the change's object. */
export interface Finding {
  readonly step: Step;
  readonly diagnostic: Diagnostic;
  /** The objects that stand in the way, for a delete that is refused. */
  readonly blockers?: readonly Stored[];
}

/** One rule of the gateway. None throws, none knows of another; the order of the findings is theirs. */
export type Rule = (course: Course) => readonly Finding[];

export function finding<C extends Code>(
  step: Step,
  code: C,
  path: string,
  parameters: ParametersOf<C>,
): Finding {
  return { step, diagnostic: diagnostic(code, path, parameters) };
}

/** The step's own object, as texts call it. */
export const label = (course: Course, step: Step): Label => ({
  kind: step.kind.kind,
  name: course.nameOf(step),
});

/** Another object, with its owner. */
export const labelOf = (world: World, stored: Stored): Label => ({
  kind: stored.kind,
  name: nameOf(world, stored),
  owner: stored.managedBy,
});

/** The same, in the world in which that state stands. */
export const labelIn = (course: Course, { stored, moment }: State): Label =>
  labelOf(moment === "after" ? course.after : course.base, stored);

/** An object as a short label, without its owner. */
export const shortLabel = (world: World, stored: Stored): Label => ({
  kind: stored.kind,
  name: nameOf(world, stored),
});
