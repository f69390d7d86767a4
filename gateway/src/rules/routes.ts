import { equal, type ModelApiFields, type Route, type RouteChanges } from "@modelgateway/schema";
import type { Course } from "./course";
import { routesFrom } from "./kinds/model-api";
import type { Stored } from "./stored";
import { idsIn, nameOf, type World } from "./world";

/**
 * The routes of one API; none while a field that decides them is not known.
 * @param names The world to find the bound service in, where it is another one.
 */
export function routesOf(world: World, api: Stored, names = world): Route[] {
  const { matchHeaders } = api.fields as Partial<ModelApiFields>;
  const service = boundService(world, api.id, names);
  return routesFrom(api.fields).map((route) => ({
    id: `${api.id}.${route.name}`,
    api: nameOf(world, api),
    ...route,
    matchHeaders: matchHeaders ?? [],
    ...(service && { service: nameOf(names, service) }),
  }));
}

/** The service that answers for an API. */
export function boundService(world: World, api: string, names = world): Stored | undefined {
  const binding = world.uses(api).find(({ from }) => from.kind === "ModelApiBinding")?.from;
  const [service] = binding ? idsIn(binding.fields, "service") : [];
  return service === undefined ? undefined : names.get(service);
}

/** What a plan does to the routes: those of every API that a change is about, directly or through its service. */
export function routeChanges(course: Course): RouteChanges {
  const added: Route[] = [];
  const removed: Route[] = [];
  const moved: RouteChanges["moved"][number][] = [];
  for (const api of [...apisConcerned(course)].sort()) {
    const before = routesIn(course.base, api, course.base);
    // A service that is still bound is never deleted: its name is found even where its delete is refused.
    const after = routesIn(course.end, api, course.after);
    for (const [name, to] of after) {
      const from = before.get(name);
      if (!from) added.push(course.base.get(api) ? to : withoutId(to));
      else if (!equal(from, to)) moved.push({ id: from.id!, api: to.api, name, from, to });
    }
    for (const [name, from] of before) if (!after.has(name)) removed.push(from);
  }
  const byPath = (a: Route, b: Route) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  return {
    added: added.sort(byPath),
    removed: removed.sort(byPath),
    moved: moved.sort((a, b) => byPath(a.to, b.to)),
  };
}

function withoutId({ id: _, ...route }: Route): Route {
  return route;
}

function routesIn(world: World, id: string, names: World): Map<string, Route> {
  const api = world.get(id);
  return new Map(api ? routesOf(world, api, names).map((route) => [route.name, route]) : []);
}

function apisConcerned(course: Course): Set<string> {
  const ids = new Set<string>();
  const touched = [...course.steps.map(({ id }) => id), ...course.cascaded.keys(), ...course.freed];
  for (const id of touched) {
    for (const world of [course.base, course.end]) {
      const stored = world.get(id);
      if (stored?.kind === "ModelApi") ids.add(id);
      if (stored?.kind === "ModelApiBinding") for (const api of idsIn(stored.fields, "api")) ids.add(api);
      for (const { from } of stored?.kind === "ModelService" ? world.uses(id) : []) {
        for (const api of idsIn(from.fields, "api")) ids.add(api);
      }
    }
  }
  return ids;
}
