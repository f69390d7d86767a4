import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { findPulumi, type Pulumi, pulumiEnvironment } from "../../tools/src/engines/pulumi";
import { CommandError, run } from "../../tools/src/process";
import type { World } from "./gateway";

const ROOT = join(__dirname, "../..");

/** What the CLI came to. */
export interface Result {
  readonly ok: boolean;
  readonly output: string;
}

/** A Pulumi project with one program file, on a file backend of its own. */
export interface Project {
  readonly folder: string;
  /** Writes the program's main file. */
  write(program: string): void;
  /** Runs the CLI on a stack; never throws for a failed command. */
  pulumi(...args: string[]): Promise<Result>;
  /** Everything on disk that runs left behind, as one text: states, backups, history. */
  leftBehind(): string;
}

let found: Promise<Pulumi> | undefined;

/** The engine was fetched before the tests; here it is only looked up. */
const engine = (): Promise<Pulumi> => (found ??= findPulumi({ sources: ["path", "cache"] }));

export interface ProjectOptions {
  readonly name?: string;
  /** `index.ts`, or `index.js` for a program in plain JavaScript. */
  readonly main?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A project in the world's folder, configured for its gateway. */
export async function startProject(world: World, options: ProjectOptions = {}): Promise<Project> {
  const { name = "shop", main = "index.ts", env: more = {} } = options;
  const folder = mkdtempSync(join(world.folder, `${name}-`));
  const backend = join(folder, "backend");
  mkdirSync(backend, { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, main }));
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
  const env = pulumiEnvironment(await engine(), {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "e2e",
    PULUMI_HOME: join(folder, ".home"),
    NO_COLOR: "1",
    MODELGATEWAY_ENDPOINT: world.gateway.ready.control,
    MODELGATEWAY_TOKEN: world.token,
    ...more,
  });
  const project: Project = {
    folder,
    write: (program) => writeFileSync(join(folder, main), program),
    async pulumi(...args) {
      const all = [...args, "--non-interactive", "--color", "never"];
      const lines: string[] = [];
      try {
        await run("pulumi", all, { cwd: folder, env, onLine: (line) => lines.push(line) });
        return { ok: true, output: lines.join("\n") };
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return { ok: false, output: lines.join("\n") };
      }
    },
    leftBehind: () =>
      filesUnder(world.folder)
        .map((file) => readFileSync(file, "latin1"))
        .join("\n"),
  };
  const init = await project.pulumi("stack", "init", "dev");
  if (!init.ok) throw new Error(init.output);
  return project;
}

const SKIPPED = new Set(["node_modules", "data", "plugins"]);

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (SKIPPED.has(name)) return [];
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}
