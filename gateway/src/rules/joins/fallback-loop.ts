import type { Course, State } from "../course";
import { type Finding, finding, type Rule, shortLabel } from "../rule";
import { idsIn } from "../world";

/** How many states a search may visit; beyond that a loop is assumed rather than looked for. */
const SEARCH_LIMIT = 10_000;

/** Fallback services never lead back to the start. */
export const fallbackLoop: Rule = (course) => {
  const reported = new Set<string>();
  return course.steps.flatMap((step) => {
    if (step.kind.kind !== "ModelService" || !step.after || reported.has(step.id)) return [];
    const start = course.states(step.id).find(({ moment }) => moment === "after")!;
    const loop = findLoop(course, start, ({ isEnd }) => isEnd) ?? findLoop(course, start, () => true);
    if (!loop) return [];
    for (const { stored } of loop) reported.add(stored.id);
    return report(course, loop);
  });
};

/** A way of states from `start` along the fallback references back to it, each object in one state. */
function findLoop(course: Course, start: State, admits: (state: State) => boolean): State[] | undefined {
  let visits = 0;
  const search = (way: readonly State[]): State[] | undefined => {
    if (visits++ > SEARCH_LIMIT) return [...way];
    for (const id of idsIn(way.at(-1)!.stored.fields, "fallbackServices")) {
      if (id === start.stored.id) {
        if (course.reachable(way)) return [...way];
        continue;
      }
      if (way.some(({ stored }) => stored.id === id)) continue;
      for (const next of course.states(id).filter(admits)) {
        const found = search([...way, next]);
        if (found) return found;
      }
    }
    return undefined;
  };
  return admits(start) ? search([start]) : undefined;
}

function report(course: Course, loop: readonly State[]): Finding[] {
  const step = course.upsertOf(loop[0]!.stored.id);
  if (!step) return [];
  const services = loop.map(({ stored }) => shortLabel(course.after, stored));
  if (loop.every(({ isEnd }) => isEnd))
    return [finding(step, "fallback_loop", "/fallbackServices", { services })];
  return [
    finding(step, "needs_two_steps", "/fallbackServices", {
      of: services[0]!,
      other: services.at(-1)!,
      why: "For a moment the two would fall back to each other",
      remedy: "Take the old fallback away in an apply of its own first",
    }),
  ];
}
