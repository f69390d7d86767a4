/** Program: installs the official release of the Pulumi CLI. Arguments: the folder, and the version. */
import { createRequire } from "node:module";
import { PulumiCommand } from "@pulumi/pulumi/automation";

// The SDK wants its own class for a version, so it is taken from the SDK's own dependencies.
const semver: typeof import("semver") = createRequire(require.resolve("@pulumi/pulumi"))("semver");

async function install(root: string | undefined, version: string | undefined): Promise<void> {
  if (root === undefined || version === undefined) throw new Error("Usage: install-pulumi FOLDER VERSION");
  await PulumiCommand.install({ root, version: new semver.SemVer(version) });
}

install(process.argv[2], process.argv[3]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
