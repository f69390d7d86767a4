/**
 * Program: everything that must hold before a push, in stages (`npm test`). A failed stage does not stop the next
 * ones. The last line of the output is the total: "N passed, N failed".
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { findPulumi } from "./engines/pulumi";
import { type TestTotal, totalOf } from "./jest-results";
import { main, onExit, run } from "./process";

const ROOT = join(__dirname, "../..");
const NOTHING: TestTotal = { passed: 0, failed: 0, skipped: [] };

void main(async () => {
  if (process.argv.length > 2) {
    throw new Error("npm test takes no arguments; for one file: npm run unit -- --testPathPatterns FILE");
  }
  const folder = await mkdtemp(join(tmpdir(), "modelgateway-test-"));
  onExit(() => rm(folder, { recursive: true, force: true }));

  return report([
    await check("lint", () => npmRun("lint")),
    await check("generated files are fresh", generatedFilesAreFresh),
    await jest("unit", folder),
    await check("Pulumi for the e2e tests", engines),
    await jest("e2e", folder),
  ]);
});

/** Runs a stage that is no run of Jest: it counts only when it fails. */
async function check(title: string, stage: () => Promise<unknown>): Promise<TestTotal> {
  announce(title);
  const passed = await succeeds(stage);
  return passed ? NOTHING : { ...NOTHING, failed: 1 };
}

/** Runs one of Jest's projects. */
async function jest(project: "unit" | "e2e", folder: string): Promise<TestTotal> {
  announce(`${project} tests`);
  const file = join(folder, `${project}.json`);
  const succeeded = await succeeds(() => npmRun(project, "--json", `--outputFile=${file}`));
  return totalOf(await readFile(file, "utf8").catch(() => undefined), succeeded);
}

async function generatedFilesAreFresh(): Promise<void> {
  if (!existsSync(join(__dirname, "generate.js"))) return console.error("There is no generator yet.");
  await npmRun("generate", "--check");
}

/** Fetched here, so that the minutes it may take are seen and count for no test. */
async function engines(): Promise<void> {
  const { version, binDir } = await findPulumi();
  console.error(`Pulumi ${version} in ${binDir}`);
}

async function npmRun(script: string, ...args: string[]): Promise<void> {
  await run("npm", ["run", "--silent", script, ...(args.length > 0 ? ["--", ...args] : [])], {
    cwd: ROOT,
    output: "show",
  });
}

async function succeeds(stage: () => Promise<unknown>): Promise<boolean> {
  try {
    await stage();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return false;
  }
}

function announce(title: string): void {
  console.error(`\n== ${title}`);
}

/** Prints the total and answers the exit code. */
function report(totals: readonly TestTotal[]): number {
  const passed = totals.reduce((sum, total) => sum + total.passed, 0);
  const failed = totals.reduce((sum, total) => sum + total.failed, 0);
  const skipped = totals.flatMap((total) => total.skipped);
  console.error();
  for (const name of skipped) console.log(`skipped ${relative(ROOT, name)}`);
  if (skipped.length > 0) console.log(`${skipped.length} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
