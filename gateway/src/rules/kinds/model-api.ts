import { generateRoutes, type ModelApiFields, ROUTE_SOURCE_FIELDS, type Values } from "@modelgateway/schema";
import type { Claim } from "../stored";

type Conditions = ModelApiFields["matchHeaders"];

/** An API's routes: each method and path is its own, or shared by conditions that exclude each other. */
export function routeClaims(fields: Values): readonly Claim[] {
  if (ROUTE_SOURCE_FIELDS.some((field) => fields[field] === undefined)) return [];
  const api = fields as unknown as ModelApiFields;
  return generateRoutes(api).map(({ method, path }) => ({
    key: `route:${method} ${path}`,
    path: "/basePath",
    discriminator: JSON.stringify(api.matchHeaders ?? []),
    excludes: (other) => exclude(api.matchHeaders, other.fields.matchHeaders as Conditions | undefined),
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
