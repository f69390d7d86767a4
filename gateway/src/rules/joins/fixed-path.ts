import type { Course, State } from "../course";
import { routesFrom } from "../kinds/model-api";
import { type Finding, finding, type Rule, shortLabel } from "../rule";
import { firstStep, mixes, worstOf } from "./mixes";

/** A service with one fixed URL cannot serve an API with several routes. */
export const fixedPathRoutes: Rule = (course) =>
  bindingsConcerned(course).flatMap((binding) => {
    const worst = worstOf(course, mixes(course, binding, ["api", "service"]).filter(isBroken));
    return worst ? report(course, worst) : [];
  });

function bindingsConcerned(course: Course): string[] {
  const ids = course.steps.flatMap(({ id, kind }) => {
    if (kind.kind === "ModelApiBinding") return [id];
    if (kind.kind !== "ModelApi" && kind.kind !== "ModelService") return [];
    return [...course.base.uses(id), ...course.after.uses(id)]
      .filter(({ from }) => from.kind === "ModelApiBinding")
      .map(({ from }) => from.id);
  });
  return [...new Set(ids)];
}

function isBroken([, api, service]: readonly State[]): boolean {
  if (!api || !service || service.stored.fields.upstreamUrlMode !== "FixedPath") return false;
  return routeCount(api) > 1;
}

const routeCount = ({ stored }: State): number => routesFrom(stored.fields).length;

function report(course: Course, mix: readonly State[]): Finding[] {
  const [binding, api, service] = mix as [State, State, State];
  const step = firstStep(course, [binding, api, service]);
  if (!step) return [];
  const of = shortLabel(course.after, api.stored);
  const other = shortLabel(course.after, service.stored);
  const path = { ModelApiBinding: "/service", ModelApi: "/routes" }[step.kind.kind] ?? "/upstreamUrlMode";
  if (mix.every(({ isEnd }) => isEnd)) {
    return [finding(step, "fixed_path_routes", path, { api: of, service: other, routes: routeCount(api) })];
  }
  return [
    finding(step, "needs_two_steps", path, {
      of,
      other,
      why: `A \`FixedPath\` service serves one route, and for a moment ${of.kind}/${of.name} would have ${routeCount(api)}`,
      remedy: "Reduce the routes in an apply of its own first",
    }),
  ];
}
