import type { Course, State } from "../course";
import type { Step } from "../steps";
import { idsIn } from "../world";

/**
 * Every mix of an object and what it refers to in these fields (the first id of each): the object's state first,
 * then one state for each field.
 */
export function mixes(course: Course, id: string, fields: readonly string[]): readonly State[][] {
  return course.states(id).flatMap((state) =>
    fields.reduce<State[][]>(
      (found, field) => {
        const [target] = idsIn(state.stored.fields, field);
        const targets = target === undefined ? [] : course.states(target);
        return found.flatMap((mix) => targets.map((one) => [...mix, one]));
      },
      [[state]],
    ),
  );
}

/**
 * Of the mixes that break a rule the one to report: one that lasts, else the first that only passes. Mixes in
 * which nothing has been written yet, and those that no order reaches, do not count.
 */
export function worstOf<M extends readonly State[]>(course: Course, broken: readonly M[]): M | undefined {
  const met = broken.filter((mix) => mix.some(({ moment }) => moment === "after") && course.reachable(mix));
  return met.find((mix) => mix.every(({ isEnd }) => isEnd)) ?? met[0];
}

/** The first change of the plan that is about one of these objects: the one to blame. */
export function firstStep(course: Course, states: readonly State[]): Step | undefined {
  const written = states.find(({ moment, stored }) => moment === "after" && course.upsertOf(stored.id));
  return written && course.upsertOf(written.stored.id);
}
