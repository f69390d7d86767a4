import type { ModelKeyFields } from "@modelgateway/schema";
import type { Course, State } from "../course";
import { type Finding, finding, type Rule, shortLabel } from "../rule";
import { idsIn } from "../world";
import { firstStep, worstOf } from "./mixes";

/** A key is sent only to the hosts that it is for. */
export const hostAllowed: Rule = (course) =>
  pairsConcerned(course).flatMap(([service, key]) => {
    const broken = course
      .states(service)
      .filter(({ stored }) => idsIn(stored.fields, "keys").includes(key))
      .flatMap((one) => course.states(key).map((two): readonly [State, State] => [one, two]))
      .filter(isBroken);
    const worst = worstOf(course, broken);
    return worst ? report(course, worst) : [];
  });

function pairsConcerned(course: Course): (readonly [string, string])[] {
  const pairs = course.steps.flatMap(({ id, kind }) => {
    if (kind.kind === "ModelService") {
      const keys = course.states(id).flatMap(({ stored }) => idsIn(stored.fields, "keys"));
      return keys.map((key) => [id, key] as const);
    }
    if (kind.kind !== "ModelKey") return [];
    return [...course.base.uses(id), ...course.after.uses(id)].map(({ from }) => [from.id, id] as const);
  });
  return [...new Map(pairs.map((pair) => [pair.join(" "), pair])).values()];
}

function isBroken([service, key]: readonly [State, State]): boolean {
  const host = hostOf(service);
  const allowed = allowedBy(key);
  return host !== undefined && allowed.length > 0 && !allowed.includes(host);
}

function hostOf({ stored }: State): string | undefined {
  const url = stored.fields.upstreamUrl;
  return typeof url === "string" && URL.canParse(url) ? new URL(url).hostname.toLowerCase() : undefined;
}

const allowedBy = ({ stored }: State): ModelKeyFields["allowedHosts"] =>
  (stored.fields.allowedHosts as ModelKeyFields["allowedHosts"] | undefined) ?? [];

function report(course: Course, pair: readonly [State, State]): Finding[] {
  const [service, key] = pair;
  const step = firstStep(course, pair);
  if (!step) return [];
  const path = step.kind.kind === "ModelKey" ? "/allowedHosts" : "/keys";
  const of = shortLabel(course.after, service.stored);
  const other = shortLabel(course.after, key.stored);
  if (pair.every(({ isEnd }) => isEnd)) {
    const parameters = { service: of, key: other, host: hostOf(service)!, allowed: allowedBy(key) };
    return [finding(step, "host_not_allowed", path, parameters)];
  }
  return [
    finding(step, "needs_two_steps", path, {
      of,
      other,
      why: `For a moment the key would be sent to ${hostOf(service)}, which its \`allowedHosts\` do not have`,
      remedy: "Allow both hosts in an apply of its own first, and remove the old one afterwards",
    }),
  ];
}
