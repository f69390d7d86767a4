import { type Model, referenceFields } from "@modelgateway/schema";
import type { Kysely, Transaction } from "kysely";
import { claimsOf, idsIn, type Stored } from "../rules";
import type { Tables } from "./schema";

/** An object with what only the store knows of it. */
export interface Row {
  readonly stored: Stored;
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An encrypted value of a writeOnly field. */
export interface Secret {
  readonly objectId: string;
  readonly field: string;
  /** Absent: the value is no longer kept. */
  readonly ciphertext?: string;
}

/** What one transaction writes. */
export interface Commit {
  readonly put: readonly Row[];
  readonly remove: readonly string[];
  readonly secrets: readonly Secret[];
}

export interface Contents {
  readonly revision: number;
  readonly rows: readonly Row[];
  readonly secrets: readonly (Secret & { readonly ciphertext: string })[];
}

export interface Identity {
  readonly gatewayId: string;
  readonly keyCheck: string;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** SHA-256 of the token, in hex. */
  readonly hash: string;
}

/** The objects of a gateway on a database. It stores and loads; what may be written is for the rules. */
export class Store {
  readonly #db: Kysely<Tables>;
  readonly #model: Model;

  constructor(db: Kysely<Tables>, model: Model) {
    this.#db = db;
    this.#model = model;
  }

  /** The gateway's identity; on an empty database the given one is written. */
  async identify(fresh: Identity): Promise<Identity> {
    const meta = await this.#db.selectFrom("meta").selectAll().executeTakeFirst();
    if (meta) return { gatewayId: meta.gateway_id, keyCheck: meta.key_check };
    await this.#db
      .insertInto("meta")
      .values({ id: 1, gateway_id: fresh.gatewayId, key_check: fresh.keyCheck, revision: 0 })
      .execute();
    return fresh;
  }

  async load(): Promise<Contents> {
    const meta = await this.#db.selectFrom("meta").select("revision").executeTakeFirstOrThrow();
    const objects = await this.#db.selectFrom("objects").selectAll().orderBy("id").execute();
    const secrets = await this.#db.selectFrom("secrets").selectAll().execute();
    return {
      revision: Number(meta.revision),
      rows: objects.map(fromRow),
      secrets: secrets.map(({ object_id, field, ciphertext }) => ({
        objectId: object_id,
        field,
        ciphertext,
      })),
    };
  }

  /**
   * One transaction at the next revision. `decide` runs while the row that every write locks is held, and says
   * what to write; where it returns nothing, nothing is written and no revision is used up.
   */
  async write(decide: (revision: number) => Commit | undefined): Promise<number | undefined> {
    const nothing = new Error("nothing to write");
    try {
      return await this.#db.transaction().execute(async (tx) => {
        const { revision } = await tx
          .updateTable("meta")
          .set((eb) => ({ revision: eb("revision", "+", 1) }))
          .returning("revision")
          .executeTakeFirstOrThrow();
        const commit = decide(Number(revision));
        if (!commit) throw nothing;
        await this.#apply(tx, commit);
        return Number(revision);
      });
    } catch (error) {
      if (error === nothing) return undefined;
      throw error;
    }
  }

  async tokens(): Promise<readonly Token[]> {
    return this.#db.selectFrom("tokens").selectAll().execute();
  }

  async putToken(token: Token): Promise<void> {
    await this.#db.deleteFrom("tokens").where("name", "=", token.name).execute();
    await this.#db.insertInto("tokens").values(token).execute();
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }

  async #apply(tx: Transaction<Tables>, { put, remove, secrets }: Commit): Promise<void> {
    const ids = [...put.map(({ stored }) => stored.id), ...remove];
    if (ids.length > 0) {
      await tx.deleteFrom("refs").where("from_id", "in", ids).execute();
      await tx.deleteFrom("claims").where("object_id", "in", ids).execute();
    }
    if (remove.length > 0) await tx.deleteFrom("objects").where("id", "in", remove).execute();
    for (const row of put) await this.#put(tx, row);
    for (const secret of secrets) await putSecret(tx, secret);
  }

  async #put(tx: Transaction<Tables>, row: Row): Promise<void> {
    const { stored } = row;
    const values = toRow(row);
    await tx
      .insertInto("objects")
      .values(values)
      .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
      .execute();
    const claims = claimsOf(this.#model, stored).map(({ key, discriminator = "" }) => ({
      key,
      discriminator,
      object_id: stored.id,
    }));
    if (claims.length > 0) await tx.insertInto("claims").values(claims).execute();
    const refs = referenceFields(this.#model.kind(stored.kind)).flatMap(({ field }) =>
      idsIn(stored.fields, field).map((to_id, position) => ({ from_id: stored.id, field, position, to_id })),
    );
    if (refs.length > 0) await tx.insertInto("refs").values(refs).execute();
  }
}

async function putSecret(tx: Transaction<Tables>, { objectId, field, ciphertext }: Secret): Promise<void> {
  await tx.deleteFrom("secrets").where("object_id", "=", objectId).where("field", "=", field).execute();
  if (ciphertext === undefined) return;
  await tx.insertInto("secrets").values({ object_id: objectId, field, ciphertext }).execute();
}

function toRow({ stored, revision, createdAt, updatedAt }: Row): Tables["objects"] {
  return {
    id: stored.id,
    kind: stored.kind,
    revision,
    managed_by: stored.managedBy,
    managed_as: stored.managedAs,
    going: stored.going ? 1 : 0,
    fields: JSON.stringify(stored.fields),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function fromRow(row: Tables["objects"]): Row {
  return {
    stored: {
      id: row.id,
      kind: row.kind,
      fields: JSON.parse(row.fields),
      managedBy: row.managed_by,
      managedAs: row.managed_as,
      going: row.going === 1,
    },
    revision: Number(row.revision),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
