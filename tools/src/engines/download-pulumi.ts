/** The official download of the Pulumi CLI. */
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process";

const HOST = "https://get.pulumi.com";
const PROBE_MS = 4_000;
const DOWNLOAD_MS = 10 * 60_000;
const BINARIES = ["pulumi", "pulumi-language-nodejs"];

/**
 * Downloads the official release and lays `pulumi` and `pulumi-language-nodejs` out in the folder.
 *
 * @throws within a few seconds if the host cannot be reached; the message says so
 */
export async function downloadPulumi(
  folder: string,
  version: string,
  log: (line: string) => void,
): Promise<void> {
  await probe();
  log(`Downloading Pulumi ${version} from ${HOST} (some 150 MB, once)`);
  const root = join(folder, "release");
  // In a process of its own, because the installer starts a shell and curl, which an interrupt must end too.
  await run(process.execPath, [installer(), root, version], { timeoutMs: DOWNLOAD_MS });
  for (const name of BINARIES) await rename(join(root, "bin", name), join(folder, name));
  await rm(root, { recursive: true, force: true });
}

/** The installer's own time limit is two minutes, too long to learn that there is no network. */
async function probe(): Promise<void> {
  try {
    await fetch(HOST, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(PROBE_MS) });
  } catch {
    throw new Error(`${HOST} cannot be reached`);
  }
}

/** The compiled file, wherever this one is run from. */
function installer(): string {
  return join(__dirname, "../../dist/engines/install-pulumi.js");
}
