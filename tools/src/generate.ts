/**
 * Program: writes every committed file that is derived from the schema (`npm run generate`). With `--check` it
 * writes nothing, names the files that are stale and ends with 1.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { model } from "@modelgateway/schema";
import type { GeneratedFile, Generator } from "./generate/generated-file";
import { picture } from "./generate/picture";
import { pulumiClasses } from "./generate/pulumi";
import { referencePages } from "./generate/reference";

const ROOT = join(__dirname, "../..");

/** Everything that is generated, and the folders that hold nothing else. */
const GENERATORS: readonly Generator[] = [pulumiClasses, referencePages, picture];

async function main(args: readonly string[]): Promise<void> {
  const [option, ...rest] = args;
  if (rest.length > 0 || (option !== undefined && option !== "--check")) {
    throw new Error("Usage: generate [--check]");
  }
  const files = GENERATORS.flatMap(({ files }) => files(model));
  const stale = (await Promise.all(files.map(async (file) => ((await isFresh(file)) ? [] : [file])))).flat();
  const left = await leftovers(files);
  if (option === undefined) return apply(stale, left);
  for (const path of [...stale.map((file) => file.path), ...left].sort()) console.error(`${path} is stale`);
  if (stale.length + left.length === 0) return;
  console.error("Run `npm run generate` and commit what it writes.");
  process.exitCode = 1;
}

async function isFresh({ path, content }: GeneratedFile): Promise<boolean> {
  return (await readFile(join(ROOT, path), "utf8").catch(() => undefined)) === content;
}

/** Files of kinds that are gone. */
async function leftovers(files: readonly GeneratedFile[]): Promise<string[]> {
  const wanted = new Set(files.map(({ path }) => path));
  const folders = GENERATORS.map(async ({ folder }) => {
    const names = await readdir(join(ROOT, folder)).catch(() => []);
    return names.map((name) => `${folder}/${name}`);
  });
  return (await Promise.all(folders)).flat().filter((path) => !wanted.has(path));
}

async function apply(stale: readonly GeneratedFile[], left: readonly string[]): Promise<void> {
  for (const { path, content } of stale) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), content);
    console.log(`wrote ${path}`);
  }
  for (const path of left) {
    await rm(join(ROOT, path), { recursive: true });
    console.log(`removed ${path}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
