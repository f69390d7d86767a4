/** The Pulumi CLI and its Node.js language host, compiled from their Go modules. */
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process";

/** Holds one Go module (go.mod, go.sum) for each binary. */
const MODULES = join(__dirname, "../../engines");
const CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3";
const HOST_FOLDER = "nodejs/cmd/pulumi-language-nodejs";
const PROGRESS_MS = 15_000;

/**
 * Our go.mod says what is built, whatever the user's Go settings and folders say. Go's temporary files go to ours,
 * because an interrupted Go may leave them.
 */
function goEnvironment(work: string): NodeJS.ProcessEnv {
  return { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", GOTMPDIR: work };
}

/**
 * Compiles `pulumi` and `pulumi-language-nodejs` into the folder. Needs Go and its module proxy (or what it has
 * cached), and takes some five minutes where Go has compiled nothing of it yet.
 *
 * @param version of the CLI, as in `tools/engines/pulumi/go.mod`; without it `pulumi version` prints nothing
 * @throws if Go is not installed, or with the compiler's last lines
 */
export async function buildPulumi(
  folder: string,
  version: string,
  log: (line: string) => void,
): Promise<void> {
  const go = await run("go", ["version"]).catch(() => {
    throw new Error("Go is not installed");
  });
  log(`Compiling Pulumi ${version} with ${go.trim()}: two thousand Go packages, some five minutes, once.`);
  const work = join(folder, "work");
  await buildCli(join(work, "pulumi"), join(folder, "pulumi"), version, log);
  await buildHost(join(work, "pulumi-language-nodejs"), join(folder, "pulumi-language-nodejs"), log);
  await rm(work, { recursive: true, force: true });
}

async function buildCli(
  work: string,
  output: string,
  version: string,
  log: (line: string) => void,
): Promise<void> {
  await cp(join(MODULES, "pulumi"), work, { recursive: true });
  await compile(work, output, CLI_PACKAGE, `v${version}`, log);
}

/** The newest language host that the Go module proxy serves is old; see `passMonitorOn`. */
async function buildHost(work: string, output: string, log: (line: string) => void): Promise<void> {
  await cp(join(MODULES, "pulumi-language-nodejs"), work, { recursive: true });
  const sdk = await downloadModule(work, SDK_MODULE);
  const sources = join(sdk.Dir, HOST_FOLDER);
  for (const name of await readdir(sources)) {
    if (!name.endsWith(".go") || name.endsWith("_test.go")) continue;
    const source = await readFile(join(sources, name), "utf8");
    await writeFile(join(work, name), name === "main.go" ? passMonitorOn(source) : source);
  }
  await compile(work, output, ".", sdk.Version, log);
}

/**
 * Patches the language host's main.go: the program gets the address of the engine's own resource monitor
 * instead of the host's proxy, which does not know newer calls (resource hooks, transforms).
 *
 * @throws if the line is not there, as after a change of the module's version
 */
export function passMonitorOn(source: string): string {
  const line = /(go host\.execNodejs\([^)]*)fmt\.Sprintf\("127\.0\.0\.1:%d", handle\.Port\)/;
  if (!line.test(source)) {
    throw new Error(
      `main.go of pulumi-language-nodejs has no call of execNodejs with the proxy's port: has ${SDK_MODULE} in tools/engines/pulumi-language-nodejs/go.mod changed? Then see whether the patch in build-pulumi.ts is still needed.`,
    );
  }
  return source.replace(line, "$1req.GetMonitorAddress()");
}

async function downloadModule(work: string, module: string): Promise<{ Dir: string; Version: string }> {
  return JSON.parse(
    await run("go", ["mod", "download", "-json", module], { cwd: work, env: goEnvironment(work) }),
  );
}

async function compile(
  work: string,
  output: string,
  target: string,
  version: string,
  log: (line: string) => void,
): Promise<void> {
  const started = Date.now();
  let downloaded = 0;
  let compiled = 0;
  const report = () => {
    const seconds = Math.round((Date.now() - started) / 1_000);
    log(`  ${seconds} s: ${downloaded} modules downloaded, ${compiled} packages compiled`);
  };
  const timer = setInterval(report, PROGRESS_MS);
  try {
    const stamp = `-s -w -X ${SDK_MODULE}/go/common/version.Version=${version}`;
    await run("go", ["build", "-v", "-ldflags", stamp, "-o", output, target], {
      cwd: work,
      env: goEnvironment(work),
      onLine: (line) => (line.startsWith("go: downloading") ? downloaded++ : compiled++),
    });
  } finally {
    clearInterval(timer);
  }
}
