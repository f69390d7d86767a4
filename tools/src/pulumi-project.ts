import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Pulumi, pulumiEnvironment } from "./engines/pulumi";
import { run } from "./process";

const ROOT = join(__dirname, "../..");

/** A copy of an example, with a Pulumi backend of its own in the same folder: nothing is left in the checkout. */
export interface PulumiProject {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the CLI; rejects with its output where it fails. */
  pulumi(args: readonly string[], onLine?: (line: string) => void): Promise<string>;
}

/**
 * Copies an example into `folder` and makes it runnable there.
 * @param example The example's folder under examples/.
 */
export function copyExample(
  example: string,
  folder: string,
  pulumi: Pulumi,
  more: NodeJS.ProcessEnv,
): PulumiProject {
  const source = join(ROOT, "examples", example);
  cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const backend = join(folder, ".backend");
  mkdirSync(backend, { recursive: true });
  const env = pulumiEnvironment(pulumi, {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "quickstart",
    PULUMI_HOME: join(folder, ".pulumi-home"),
    NO_COLOR: "1",
    ...more,
  });
  return {
    folder,
    env,
    pulumi: (args, onLine) => {
      const quiet = ["--non-interactive", "--color", "never"];
      return run("pulumi", [...args, ...quiet], { cwd: folder, env, ...(onLine && { onLine }) });
    },
  };
}
