import type { Route, Verdict } from "@modelgateway/schema";
import { type Diagnostic, isError, oneLine } from "@modelgateway/schema";

/** A verdict in lines for people. */
export interface FormattedPlan {
  /** One line for each refusal: what, where, why and the way out. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What the plan does to the routes: `+` added, `~` moved, `-` removed. */
  readonly routes: readonly string[];
}

/** Words a verdict; nothing is left out. */
export function formatPlan({ diagnostics, routes }: Verdict): FormattedPlan {
  return {
    errors: diagnostics.filter(isError).map(line),
    warnings: diagnostics.filter((one) => !isError(one)).map(line),
    routes: [
      ...routes.added.map((route) => `+ ${routeText(route)}`),
      ...routes.moved.map(({ from, to }) => `~ ${movedText(from, to)}`),
      ...routes.removed.map((route) => `- ${routeText(route)}`),
    ],
  };
}

/** A path into the plan's changes says nothing to who wrote a program; the one into its object does. */
const line = (found: Diagnostic): string =>
  oneLine({ ...found, path: found.path.replace(/^\/changes\/\d+(?:\/object)?/, "") });

const routeText = (route: Route): string => `${placeText(route)}  ${apiText(route)}`;

/** From where to where; only the parts that differ stand twice. */
function movedText(from: Route, to: Route): string {
  const place = [placeText(from), placeText(to)];
  const target = [apiText(from), apiText(to)];
  const details = [place, target].map(([before, after]) =>
    before === after ? after : `${before} -> ${after}`,
  );
  return details.join("  ");
}

const placeText = ({ method, path, matchHeaders }: Route): string => {
  const conditions = matchHeaders.map(({ name, value }) => `${name}: ${value}`).join(", ");
  return `${method} ${path}${conditions && ` [${conditions}]`}`;
};

/** The API, the service that answers for it, and the path that this one gets where it is another. */
const apiText = ({ api, service, path, forwardedPath }: Route): string =>
  `(${api} to ${service ?? "no service"}${forwardedPath === path ? "" : ` as ${forwardedPath}`})`;
