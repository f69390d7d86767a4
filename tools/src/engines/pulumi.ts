/** Where the Pulumi CLI for tests and the quickstart comes from. */
import { copyFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { run } from "../process";
import { buildPulumi } from "./build-pulumi";
import { areExecutable, cacheFolder, fillFolder } from "./cache";
import { downloadPulumi } from "./download-pulumi";

/** The version that is downloaded or built where PATH has none. */
export const PULUMI_VERSION = "3.259.0";

/** The oldest version on PATH that is accepted, as major and minor. */
const OLDEST_MINOR = [3, 200] as const;

/** What the CLI and its Node.js language host are called, on PATH and in the cache. */
export const PULUMI_BINARIES = ["pulumi", "pulumi-language-nodejs"] as const;

/** Runs dynamic resources. The official release has it beside the CLI, which warns where it is anywhere else. */
const SHIM = "pulumi-resource-pulumi-nodejs";
const SDK = dirname(require.resolve("@pulumi/pulumi/package.json"));

/** The places that are looked at, in this order. */
export const PULUMI_SOURCES = ["path", "cache", "download", "build"] as const;
export type PulumiSource = (typeof PULUMI_SOURCES)[number];

/** A Pulumi CLI that was found, able to run Node.js programs (see `pulumiEnvironment`). */
export interface Pulumi {
  /** The folder that holds `pulumi`. */
  binDir: string;
  /** Without a leading "v". */
  version: string;
  source: PulumiSource;
}

/** The slow or outside parts of the search; tests put others in. */
export interface PulumiSteps {
  /** What `pulumi version` prints, without its leading "v"; undefined if it fails or prints nothing. */
  versionOf(binary: string): Promise<string | undefined>;
  /** Lays both binaries of this version out in the folder; the message of its error says why it could not. */
  download(folder: string, version: string, log: (line: string) => void): Promise<void>;
  /** The same, by compiling them. */
  build(folder: string, version: string, log: (line: string) => void): Promise<void>;
}

/** How to look for the CLI; every field has a default. */
export interface FindPulumiOptions {
  /** Told what happens where it takes long. Default: a line on standard error. */
  log?: (line: string) => void;
  /** Where to look. Default: all of `PULUMI_SOURCES`; `["path", "cache"]` never takes long. */
  sources?: readonly PulumiSource[];
  /** Read for PATH, HOME and XDG_CACHE_HOME. Default: this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Default: the real ones. */
  steps?: PulumiSteps;
}

/**
 * Finds a Pulumi CLI: one on PATH (3.200 or newer, with its Node.js language host), else the one in the cache,
 * else the official download, else a build from the Go modules; the last two fill the cache.
 *
 * @throws if there is none; the message says what was tried and names the ways out
 */
export async function findPulumi(options: FindPulumiOptions = {}): Promise<Pulumi> {
  const {
    log = (line: string) => process.stderr.write(`${line}\n`),
    sources = PULUMI_SOURCES,
    env = process.env,
    steps = { versionOf: pulumiVersion, download: downloadPulumi, build: buildPulumi },
  } = options;
  const cached = join(cacheFolder(env), `pulumi-${PULUMI_VERSION}`);
  const isUsable = () => holdsPulumi(cached, steps);
  const tried: string[] = [];

  if (sources.includes("path")) {
    const found = await onPath(env, steps, log);
    if (found) return found;
  }
  if (sources.includes("cache") && (await isUsable())) {
    return { binDir: cached, version: PULUMI_VERSION, source: "cache" };
  }
  for (const source of ["download", "build"] as const) {
    if (!sources.includes(source)) continue;
    try {
      const fill = async (folder: string) => {
        await steps[source](folder, PULUMI_VERSION, log);
        await copyFile(join(SDK, SHIM), join(folder, SHIM));
      };
      await fillFolder(cached, fill, isUsable);
      if (await isUsable()) return { binDir: cached, version: PULUMI_VERSION, source };
      throw new Error(`it made no pulumi ${PULUMI_VERSION} that runs on this machine`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log(`No ${source} of Pulumi: ${reason}`);
      tried.push(`${source}: ${reason}`);
    }
  }
  throw new Error(noPulumi(tried));
}

/**
 * The environment in which the CLI finds its Node.js language host and runs dynamic resources. A CLI without the
 * shim for the latter gets that of the npm package.
 */
export function pulumiEnvironment(pulumi: Pulumi, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return {
    ...env,
    PATH: [pulumi.binDir, env.PATH, SDK].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

async function onPath(
  env: NodeJS.ProcessEnv,
  steps: PulumiSteps,
  log: (line: string) => void,
): Promise<Pulumi | undefined> {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const [cli, host] = await Promise.all(PULUMI_BINARIES.map((name) => firstWith(folders, name)));
  if (cli === undefined) return undefined;
  const binary = join(cli, PULUMI_BINARIES[0]);
  const version = await steps.versionOf(binary);
  if (!isNewEnough(version)) {
    log(
      `${binary} is passed over: its version is ${version ?? "unknown"}, needed is ${OLDEST_MINOR.join(".")} or newer.`,
    );
    return undefined;
  }
  if (host === undefined) {
    log(`${binary} is passed over: ${PULUMI_BINARIES[1]} is not on PATH.`);
    return undefined;
  }
  return { binDir: cli, version, source: "path" };
}

async function firstWith(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) if (await areExecutable([join(folder, name)])) return folder;
  return undefined;
}

function isNewEnough(version: string | undefined): version is string {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version ?? "") ?? [];
  return Number(major) === OLDEST_MINOR[0] && Number(minor) >= OLDEST_MINOR[1];
}

async function holdsPulumi(folder: string, steps: PulumiSteps): Promise<boolean> {
  if (!(await areExecutable(PULUMI_BINARIES.map((name) => join(folder, name))))) return false;
  return (await steps.versionOf(join(folder, PULUMI_BINARIES[0]))) === PULUMI_VERSION;
}

async function pulumiVersion(binary: string): Promise<string | undefined> {
  try {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const printed = await run(binary, ["version"], { env, timeoutMs: 30_000 });
    return printed.trim().replace(/^v/, "") || undefined;
  } catch {
    return undefined;
  }
}

function noPulumi(tried: readonly string[]): string {
  return [
    "There is no Pulumi CLI to run.",
    ...tried.map((line) => `  ${line}`),
    "Any one of these helps:",
    `  - install Pulumi ${OLDEST_MINOR.join(".")} or newer (https://www.pulumi.com/docs/install/), so that pulumi and pulumi-language-nodejs are on PATH;`,
    "  - let this machine reach get.pulumi.com, for the official download;",
    "  - install Go (https://go.dev/dl/) and let it reach a Go module proxy, for a build of some five minutes.",
  ].join("\n");
}
