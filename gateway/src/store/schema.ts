import type { Generated, Kysely } from "kysely";

/** The tables, as both databases have them. Texts that are empty mean "none". */
export interface Tables {
  /** One row. Every write locks it first, so that revisions are a total order. */
  meta: {
    id: Generated<number>;
    /** The gateway's own id, made once. */
    gateway_id: string;
    revision: number;
    /** Proves at start that the master key is the one that the secrets were encrypted with. */
    key_check: string;
  };
  objects: {
    id: string;
    kind: string;
    /** The global revision at the last change. */
    revision: number;
    managed_by: string;
    managed_as: string;
    /** 1 while the object is deleted and still in use. */
    going: number;
    /** The normal form as JSON, references as ids. */
    fields: string;
    created_at: string;
    updated_at: string;
  };
  /** The backstop of the rules on names, pairs and routes: each key has one holder. */
  claims: { key: string; discriminator: string; object_id: string };
  /** The backstop of the rules on references. */
  refs: { from_id: string; field: string; position: number; to_id: string };
  /** Encrypted values of writeOnly fields. */
  secrets: { object_id: string; field: string; ciphertext: string };
  tokens: { id: string; name: string; role: string; hash: string };
}

/** The version of these tables; a database of a newer one is refused. */
export const TABLES_VERSION = 1;

/** Creates the tables in an empty database. */
export async function createTables(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("meta")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("gateway_id", "text", (column) => column.notNull())
    .addColumn("revision", "bigint", (column) => column.notNull())
    .addColumn("key_check", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("objects")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("revision", "bigint", (column) => column.notNull())
    .addColumn("managed_by", "text", (column) => column.notNull())
    .addColumn("managed_as", "text", (column) => column.notNull())
    .addColumn("going", "integer", (column) => column.notNull())
    .addColumn("fields", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("updated_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("claims")
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("discriminator", "text", (column) => column.notNull())
    .addColumn("object_id", "text", (column) => column.notNull().references("objects.id").onDelete("cascade"))
    .addPrimaryKeyConstraint("claims_key", ["key", "discriminator"])
    .execute();
  await db.schema.createIndex("claims_object").on("claims").column("object_id").execute();
  await db.schema
    .createTable("refs")
    .addColumn("from_id", "text", (column) => column.notNull().references("objects.id").onDelete("cascade"))
    .addColumn("field", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("to_id", "text", (column) => column.notNull().references("objects.id").onDelete("restrict"))
    .addPrimaryKeyConstraint("refs_key", ["from_id", "field", "position"])
    .execute();
  await db.schema.createIndex("refs_to").on("refs").column("to_id").execute();
  await db.schema
    .createTable("secrets")
    .addColumn("object_id", "text", (column) => column.notNull().references("objects.id").onDelete("cascade"))
    .addColumn("field", "text", (column) => column.notNull())
    .addColumn("ciphertext", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("secrets_key", ["object_id", "field"])
    .execute();
  await db.schema
    .createTable("tokens")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .execute();
}
