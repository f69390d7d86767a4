import { type TestTotal, totalOf } from "./jest-results";

const results = (passed: number, failed: number, broken: number, ...tests: [string, string][]) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: broken,
    testResults: [
      { name: "a.test.ts", assertionResults: tests.map(([fullName, status]) => ({ fullName, status })) },
    ],
  });

const cases: [what: string, json: string | undefined, succeeded: boolean, total: TestTotal][] = [
  ["all passed", results(2, 0, 0), true, { passed: 2, failed: 0, skipped: [] }],
  ["a failed test", results(2, 1, 0), false, { passed: 2, failed: 1, skipped: [] }],
  ["a file that does not load", results(2, 1, 1), false, { passed: 2, failed: 2, skipped: [] }],
  ["no results", undefined, false, { passed: 0, failed: 1, skipped: [] }],
  ["half-written results", '{"numPassedTests": 4', false, { passed: 0, failed: 1, skipped: [] }],
  ["no tests found", results(0, 0, 0), false, { passed: 0, failed: 1, skipped: [] }],
  ["an error after the tests", results(3, 0, 0), false, { passed: 3, failed: 1, skipped: [] }],
  [
    "skipped tests",
    results(1, 0, 0, ["runs", "passed"], ["later (no Docker)", "pending"], ["some day", "todo"]),
    true,
    { passed: 1, failed: 0, skipped: ["a.test.ts: later (no Docker)", "a.test.ts: some day"] },
  ],
];

test.each(cases)("%s", (_what, json, succeeded, total) => {
  expect(totalOf(json, succeeded)).toEqual(total);
});
