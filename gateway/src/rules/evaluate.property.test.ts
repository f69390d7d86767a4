import { isError } from "@modelgateway/schema";
import fc from "fast-check";
import { evaluate } from ".";
import { describeScenario, type Scenario, scenario } from "./testing/arbitrary";
import { runs } from "./testing/engine";

const RUNS = Number(process.env.MODELGATEWAY_PROPERTY_RUNS ?? 3_000);

/** What is wrong with the verdict, in words; undefined where it tells the truth. */
function disagreement({ world, caller, changes }: Scenario): string | undefined {
  const { ok, judgements } = evaluate(world, caller, changes);
  const codes = judgements
    .map(({ diagnostic }) => diagnostic)
    .filter(isError)
    .map(({ code }) => code);
  const certain = codes.some((code) => code !== "needs_two_steps");
  const told = `the plan says ${ok ? "ok" : codes.join(" ")}`;
  let failed: string | undefined;
  for (const [order, run] of runs(world, caller, changes)) {
    if (ok && !run.ok) return `${told}, but ${order} fails: ${run.why}`;
    if (certain && run.ok) return `${told}, but ${order} succeeds`;
    if (!run.ok) failed = order;
  }
  return !ok && failed === undefined ? `${told}, but every order succeeds` : undefined;
}

test("a plan is ok exactly if every order of writes that an engine may choose succeeds", () => {
  const result = fc.check(
    fc.property(scenario, (one) => disagreement(one) === undefined),
    { numRuns: RUNS },
  );
  if (!result.failed) return;
  const [one] = result.counterexample!;
  const replay = `{ seed: ${result.seed}, path: "${result.counterexamplePath}" }`;
  throw new Error(`${disagreement(one)}\n${describeScenario(one)}\nreplay with ${replay}`);
});
