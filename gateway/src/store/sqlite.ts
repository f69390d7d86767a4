import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import Database from "libsql";
import { createTables, TABLES_VERSION, type Tables } from "./schema";

/** "mgw1" in ASCII: marks the file as a gateway's, see SQLite's `PRAGMA application_id`. */
const APPLICATION_ID = 0x6d677731;

/** The data file cannot be used; the message says why and what to do. It was not touched. */
export class StoreRefusal extends Error {
  override readonly name = "StoreRefusal";
}

/**
 * Opens the file, or makes it. It stays locked until the process ends, however it ends: a second gateway on it is
 * refused. Every commit is on the disk before it is acknowledged (WAL with synchronous=FULL).
 */
export async function openSqlite(file: string): Promise<Kysely<Tables>> {
  refuseForeignFile(file);
  // SQLite gives its other files the mode of this one.
  closeSync(openSync(file, "a", 0o600));
  const database = open(file);
  try {
    const version = Number(pragma(database, "user_version"));
    if (version > TABLES_VERSION) {
      throw new StoreRefusal(`${file} was written by a newer gateway (version ${version}). Start that one.`);
    }
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: closable(database) }) });
    if (version === 0) await initialise(db, database);
    return db;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * libsql keeps the file open, and so locked, until the last prepared statement is collected. Leaving WAL and the
 * exclusive mode first gives the lock back at once.
 */
function closable(database: Database.Database) {
  return {
    prepare: (sql: string) => database.prepare(sql) as unknown as SqliteStatement,
    close: () => {
      database.pragma("journal_mode = DELETE");
      database.pragma("locking_mode = NORMAL");
      database.prepare("SELECT count(*) FROM sqlite_master").get();
      database.close();
    },
  };
}

const HEADER = "SQLite format 3\u0000";

function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, "r");
  const header = Buffer.alloc(100);
  const length = readSync(descriptor, header, 0, 100, 0);
  closeSync(descriptor);
  if (length === 0) return;
  const isOurs = header.toString("latin1", 0, 16) === HEADER && header.readUInt32BE(68) === APPLICATION_ID;
  if (!isOurs) throw new StoreRefusal(`${file} is not a gateway's data file. Choose another --data-dir.`);
}

function open(file: string): Database.Database {
  const database = new Database(file);
  try {
    database.pragma("busy_timeout = 0");
    database.pragma("locking_mode = EXCLUSIVE");
    // The mark comes before anything else, so that a first start which is killed here is recognised again.
    if (Number(pragma(database, "application_id")) === 0)
      database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    database.exec("BEGIN IMMEDIATE; COMMIT");
    return database;
  } catch (error) {
    database.close();
    throw refusal(file, error);
  }
}

function refusal(file: string, error: unknown): Error {
  const { code = "", message } = error as { code?: string; message: string };
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new StoreRefusal(
      `${file} is in use by another gateway. Stop that one, or choose another --data-dir.`,
    );
  }
  return new StoreRefusal(`${file} cannot be opened: ${message}.`);
}

function pragma(database: Database.Database, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).raw().get() as unknown[] | undefined;
  return row?.[0];
}

async function initialise(db: Kysely<Tables>, database: Database.Database): Promise<void> {
  database.exec("BEGIN IMMEDIATE");
  await createTables(db);
  database.exec(`PRAGMA user_version = ${TABLES_VERSION}`);
  database.exec("COMMIT");
}
