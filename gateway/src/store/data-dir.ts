import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { StoreRefusal } from "./sqlite";

/** The files of a gateway that runs on its embedded store. */
export interface DataDir {
  readonly database: string;
  readonly masterKey: string;
  readonly adminToken: string;
}

/** The paths in the folder; it is made where it is missing, readable by its owner only. */
export function dataDir(folder: string): DataDir {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    database: join(folder, "gateway.db"),
    masterKey: join(folder, "master.key"),
    adminToken: join(folder, "admin.token"),
  };
}

const MASTER_KEY = /^[0-9a-f]{64}$/;

/** The master key from the environment, else from its file, which is made at the first start. */
export function masterKey(file: string, given: string | undefined): string {
  if (given !== undefined) {
    if (MASTER_KEY.test(given)) return given;
    throw new StoreRefusal("MODELGATEWAY_MASTER_KEY must be 64 lower-case hex digits (32 bytes).");
  }
  const key = readOrCreate(file, () => randomBytes(32).toString("hex"));
  if (MASTER_KEY.test(key)) return key;
  throw new StoreRefusal(`${file} does not hold a master key. Restore it from a backup.`);
}

/** The content of a secret file; where there is none it is made, whole or not at all, with mode 0600. */
export function readOrCreate(file: string, make: () => string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  const descriptor = openSync(draft, "wx", 0o600);
  writeSync(descriptor, `${make()}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  try {
    linkSync(draft, file);
  } catch (error) {
    // Another process was faster: its file counts.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, "utf8").trim();
}
