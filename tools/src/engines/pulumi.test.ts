import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  findPulumi,
  PULUMI_BINARIES,
  PULUMI_VERSION,
  type PulumiSource,
  type PulumiSteps,
  pulumiEnvironment,
} from "./pulumi";

const [CLI, HOST] = PULUMI_BINARIES;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "modelgateway-pulumi-"));
});
afterEach(() => rm(home, { recursive: true }));

/** Lays out files that stand for binaries; their content is the version. */
async function layOut(folder: string, version: string, names: readonly string[] = PULUMI_BINARIES) {
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    await writeFile(join(folder, name), version);
    await chmod(join(folder, name), 0o755);
  }
}

/** What a machine has: binaries by folder of PATH, a cache, and what download and build bring (an error: nothing). */
interface Machine {
  path?: Record<string, { version: string; names?: readonly string[] }>;
  cache?: { version: string; names?: readonly string[] };
  download?: string | Error;
  build?: string | Error;
  sources?: readonly PulumiSource[];
}

const OFFLINE = new Error("https://get.pulumi.com cannot be reached");
const NO_GO = new Error("Go is not installed");

async function find(machine: Machine) {
  const steps: string[] = [];
  const log: string[] = [];
  const bring =
    (step: string, what: string | Error = new Error("unused")) =>
    async (folder: string) => {
      steps.push(step);
      if (what instanceof Error) throw what;
      await layOut(folder, what);
    };
  const fakes: PulumiSteps = {
    versionOf: async (binary) => (await readFile(binary, "utf8")) || undefined,
    download: bring("download", machine.download),
    build: bring("build", machine.build),
  };
  const onPath = Object.entries(machine.path ?? {});
  for (const [folder, { version, names }] of onPath) await layOut(join(home, folder), version, names);
  const cached = join(home, ".cache", "modelgateway", `pulumi-${PULUMI_VERSION}`);
  if (machine.cache) await layOut(cached, machine.cache.version, machine.cache.names);

  const env = { HOME: home, PATH: onPath.map(([folder]) => join(home, folder)).join(delimiter) };
  const search = findPulumi({
    env,
    steps: fakes,
    log: (line) => log.push(line),
    ...(machine.sources ? { sources: machine.sources } : {}),
  });
  const result = await search.then(
    ({ binDir, ...found }) => ({ ...found, binDir: binDir.replace(home, "~").replace(PULUMI_VERSION, "V") }),
    (error: Error) => error.message,
  );
  return { result, steps, log, cached };
}

const IN_CACHE = "~/.cache/modelgateway/pulumi-V";
const found = (source: PulumiSource, binDir = IN_CACHE, version = PULUMI_VERSION) => ({
  source,
  binDir,
  version,
});

const cases: [what: string, machine: Machine, result: ReturnType<typeof found>, steps: string[]][] = [
  ["both on PATH", { path: { bin: { version: "3.200.1" } } }, found("path", "~/bin", "3.200.1"), []],
  [
    "the language host elsewhere on PATH",
    { path: { one: { version: "3.270.0", names: [CLI] }, two: { version: "", names: [HOST] } } },
    found("path", "~/one", "3.270.0"),
    [],
  ],
  [
    "PATH too old",
    { path: { bin: { version: "3.199.9" } }, cache: { version: PULUMI_VERSION } },
    found("cache"),
    [],
  ],
  [
    "PATH of the next major",
    { path: { bin: { version: "4.0.0" } }, cache: { version: PULUMI_VERSION } },
    found("cache"),
    [],
  ],
  [
    "PATH without a version",
    { path: { bin: { version: "" } }, cache: { version: PULUMI_VERSION } },
    found("cache"),
    [],
  ],
  [
    "PATH without the host",
    { path: { bin: { version: "3.259.0", names: [CLI] } }, cache: { version: PULUMI_VERSION } },
    found("cache"),
    [],
  ],
  ["nothing yet, with network", { download: PULUMI_VERSION }, found("download"), ["download"]],
  [
    "nothing yet, offline",
    { download: OFFLINE, build: PULUMI_VERSION },
    found("build"),
    ["download", "build"],
  ],
  [
    "a download that does not run",
    { download: "", build: PULUMI_VERSION },
    found("build"),
    ["download", "build"],
  ],
  [
    "a cached one that does not run",
    { cache: { version: "" }, download: PULUMI_VERSION },
    found("download"),
    ["download"],
  ],
  [
    "half a cache",
    { cache: { version: PULUMI_VERSION, names: [CLI] }, download: PULUMI_VERSION },
    found("download"),
    ["download"],
  ],
  [
    "only a build asked for",
    { sources: ["build"], cache: { version: PULUMI_VERSION, names: [] }, build: PULUMI_VERSION },
    found("build"),
    ["build"],
  ],
];

test.each(cases)("%s", async (_what, machine, expected, steps) => {
  const outcome = await find(machine);
  expect(outcome).toMatchObject({ result: expected, steps });
});

test("a fetched one is cached: plain files with the shim beside them, found by the next search", async () => {
  const { cached } = await find({ download: PULUMI_VERSION });
  expect((await readdir(cached)).sort()).toEqual([...PULUMI_BINARIES, "pulumi-resource-pulumi-nodejs"]);
  expect(await find({})).toMatchObject({ result: found("cache"), steps: [] });
});

test("the log says why one on PATH is passed over", async () => {
  const { log } = await find({ path: { bin: { version: "3.199.9" } }, cache: { version: PULUMI_VERSION } });
  expect(log).toEqual([
    `${join(home, "bin", CLI)} is passed over: its version is 3.199.9, needed is 3.200 or newer.`,
  ]);
});

test("without any, the error says what was tried and three ways out", async () => {
  const { result } = await find({ download: OFFLINE, build: NO_GO });
  expect(result).toMatch(
    /download: .* cannot be reached\n {2}build: Go is not installed\n.*\n.* install Pulumi .*\n.* reach get\.pulumi\.com.*\n.* install Go /,
  );
});

test("the environment has the CLI first, and the shim for dynamic resources last", () => {
  const env = pulumiEnvironment(
    { binDir: "/engine", version: "3.259.0", source: "path" },
    { PATH: "/usr/bin", A: "1" },
  );
  const [cli, old, shim] = (env.PATH ?? "").split(delimiter);
  expect({ cli, old, A: env.A }).toEqual({ cli: "/engine", old: "/usr/bin", A: "1" });
  expect(shim).toMatch(/node_modules\/@pulumi\/pulumi$/);
});
