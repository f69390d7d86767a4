/** What a run of Jest comes to, from the results that it writes with `--json --outputFile`. */

/** How many tests passed and failed, and the names of those that were skipped. */
export interface TestTotal {
  passed: number;
  failed: number;
  skipped: readonly string[];
}

/** The part of Jest's results that is read here. */
interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  /** Test files that failed before any of their tests ran. */
  numRuntimeErrorTestSuites: number;
  testResults: readonly { name: string; assertionResults: readonly { fullName: string; status: string }[] }[];
}

const SKIPPED = new Set(["pending", "todo", "skipped", "disabled"]);

/**
 * Reads Jest's results. A test file that could not run counts as one failure, and so does a run that failed
 * otherwise: one that wrote no results, found no tests, or ended with an error although every test passed.
 *
 * @param json the text of the results file; undefined if there is none
 * @param succeeded whether Jest's exit code was 0
 */
export function totalOf(json: string | undefined, succeeded: boolean): TestTotal {
  const results = parse(json);
  if (results === undefined) return { passed: 0, failed: 1, skipped: [] };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: results.testResults.flatMap((file) =>
      file.assertionResults
        .filter(({ status }) => SKIPPED.has(status))
        .map(({ fullName }) => `${file.name}: ${fullName}`),
    ),
  };
}

function parse(json: string | undefined): JestResults | undefined {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    // Jest died while it wrote.
    return undefined;
  }
}
