import {
  type GeneratedRoute,
  generateRoutes,
  type ModelApiFields,
  ROUTE_SOURCE_FIELDS,
  type Values,
} from "@modelgateway/schema";
import type { Claim } from "../stored";

type Conditions = ModelApiFields["matchHeaders"];

/** The routes that an API's fields generate; none while one that decides them is not known. */
export function routesFrom(fields: Values): readonly GeneratedRoute[] {
  if (ROUTE_SOURCE_FIELDS.some((field) => fields[field] === undefined)) return [];
  return generateRoutes(fields as unknown as ModelApiFields);
}

/** An API's routes: each method and path is its own, or shared by conditions that exclude each other. */
export function routeClaims(fields: Values): readonly Claim[] {
  const matchHeaders = fields.matchHeaders as Conditions | undefined;
  return routesFrom(fields).map(({ method, path }) => ({
    key: `route:${method} ${path}`,
    path: "/basePath",
    discriminator: JSON.stringify(matchHeaders ?? []),
    excludes: (other) => exclude(matchHeaders, other.fields.matchHeaders as Conditions | undefined),
  }));
}

/**
 * Whether no request can be torn between two routes of one method and path: the one with more conditions wins;
 * with equally many, one header must be asked for with different values. Conditions not known yet exclude
 * everything, so that nothing is refused for them.
 */
function exclude(mine: Conditions | undefined, other: Conditions | undefined): boolean {
  if (mine === undefined || other === undefined) return true;
  if (mine.length !== other.length) return true;
  return mine.some((one) => other.some((two) => one.name === two.name && one.value !== two.value));
}
