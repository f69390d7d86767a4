/** The per-user cache of engines: one folder per engine and version, complete or absent. */
import { access, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { onExit } from "../process";

/**
 * Where the engines of this user are kept: `$XDG_CACHE_HOME/modelgateway`, by default `~/.cache/modelgateway`.
 * The folder need not exist. A relative XDG_CACHE_HOME is ignored, as its specification asks.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(env.HOME ?? homedir(), ".cache");
  return join(base, "modelgateway");
}

/** Whether all of these files exist and may be executed. */
export async function areExecutable(files: readonly string[]): Promise<boolean> {
  const checks = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  return checks.every(({ status }) => status === "fulfilled");
}

/**
 * Makes a cache folder that is absent or unusable: `fill` gets an empty folder beside it, which takes its name
 * once `fill` is done. So an interrupted fill leaves nothing under that name, and of two processes that fill
 * at once the second keeps the first one's folder.
 *
 * @param isUsable whether the folder that has the name now can be kept
 * @throws whatever `fill` throws, after the unfinished folder is removed
 */
export async function fillFolder(
  folder: string,
  fill: (unfinished: string) => Promise<void>,
  isUsable: () => Promise<boolean>,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Beside the folder, because a rename is atomic only within one file system.
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  const remove = () => rm(unfinished, { recursive: true, force: true });
  const forget = onExit(remove);
  try {
    await fill(unfinished);
    await takeName(unfinished, folder, isUsable);
  } finally {
    await remove();
    forget();
  }
}

async function takeName(from: string, to: string, isUsable: () => Promise<boolean>): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    if (await isUsable()) return;
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
  }
}
