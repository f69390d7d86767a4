import { claimsOf } from "./claims";
import type { Course, State } from "./course";
import { type Finding, finding, label, labelIn, type Rule } from "./rule";
import type { Step } from "./steps";
import type { Claim } from "./stored";

interface Clash {
  readonly step: Step;
  readonly claim: Claim;
  readonly other: State;
  /** Both hold the claim when the plan has been written, not only for a moment. */
  readonly isEnd: boolean;
}

/**
 * One name, one pair, one method and path: a single holder, in every mix of states. What lasts is told for each
 * sort of claim, for each wants its own remedy; what only passes is told once for two objects.
 */
export const claimTaken: Rule = (course) => {
  const clashes = course.steps.flatMap((step) => clashesOf(course, step));
  const lasting = oneEach(
    clashes.filter(({ isEnd }) => isEnd),
    (clash) => `${sortOf(clash)} ${pairOf(clash)}`,
  );
  const told = new Set(lasting.map(pairOf));
  const passing = oneEach(
    clashes.filter((clash) => !clash.isEnd && !told.has(pairOf(clash))),
    pairOf,
  );
  return [
    ...lasting.map((clash) => taken(course, clash)),
    ...passing.map((clash) => needsTwoSteps(course, clash)),
  ];
};

/** One clash for each key. */
const oneEach = (clashes: readonly Clash[], key: (clash: Clash) => string): Clash[] => [
  ...new Map(clashes.map((clash) => [key(clash), clash])).values(),
];

function clashesOf(course: Course, step: Step): Clash[] {
  const mine = course.states(step.id).find(({ moment }) => moment === "after");
  if (!mine || step.action === "delete") return [];
  return claimsOf(course.base.model, mine.stored).flatMap((claim) =>
    holders(course, claim)
      .filter((id) => id !== step.id)
      .flatMap((id) => course.states(id))
      .filter((other) => holds(course, other, claim) && !claim.excludes?.(other.stored))
      .filter((other) => course.reachable([mine, other]))
      .map((other) => ({ step, claim, other, isEnd: mine.isEnd && other.isEnd })),
  );
}

const holders = (course: Course, { key }: Claim): string[] => [
  ...new Set([...course.base.claimants(key), ...course.after.claimants(key)]),
];

const holds = (course: Course, { stored }: State, { key }: Claim): boolean =>
  claimsOf(course.base.model, stored).some((claim) => claim.key === key);

const pairOf = ({ step, other }: Clash): string => [step.id, other.stored.id].sort().join(" ");

const sortOf = ({ claim }: Clash): string => claim.key.split(":", 1)[0]!;

function taken(course: Course, { step, claim, other }: Clash): Finding {
  const of = label(course, step);
  const parties = { of, other: labelIn(course, other) };
  const route = /^route:(\S+) (.+)$/.exec(claim.key);
  if (route)
    return finding(step, "route_taken", claim.path, { ...parties, method: route[1]!, path: route[2]! });
  return finding(step, step.kind.takenCode ?? "name_taken", claim.path, parties);
}

function needsTwoSteps(course: Course, { step, claim, other }: Clash): Finding {
  const otherLabel = labelIn(course, other);
  const otherGoes = course.deleteOf(other.stored.id) !== undefined;
  return finding(step, "needs_two_steps", claim.path, {
    of: label(course, step),
    other: otherLabel,
    why: `${words(claim)} passes from ${otherLabel.kind}/${otherLabel.name} to the other`,
    remedy: otherGoes
      ? "Keep it one object (Pulumi `aliases`, Terraform `moved`), or delete the old one in an apply of its own first"
      : "Change the one that gives it up in an apply of its own, then the other",
  });
}

function words({ key }: Claim): string {
  const [, sort, rest] = /^(\w+):(.*)$/.exec(key)!;
  if (sort === "route") return `The route ${rest}`;
  return sort === "name" ? `The name \`${rest!.slice(rest!.indexOf("/") + 1)}\`` : "The place in the pair";
}
