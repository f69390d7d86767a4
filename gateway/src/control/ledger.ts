import {
  annotationsOf,
  equal,
  fingerprint,
  hasSecret,
  type Kind,
  type Model,
  saltFor,
  type Values,
} from "@modelgateway/schema";
import {
  type Caller,
  type Change,
  type Evaluation,
  evaluate,
  MemoryWorld,
  type Stored,
  type World,
} from "../rules";
import type { Commit, Contents, Row, Secret, Store, Vault } from "../store";
import { newId } from "./ids";

/** A write's answer: the verdict and, where it was let in, the objects as they are now. */
export interface Written {
  readonly evaluation: Evaluation;
  /** The row that was put, as it was read back before anybody else could write. */
  readonly row?: Row;
}

/** What changed in one revision, for whoever follows the ledger. */
export interface Committed {
  readonly revision: number;
  readonly before: readonly Stored[];
  readonly after: readonly Stored[];
}

/** Follows the ledger: called in the order of revisions, resolved when the revision is served. */
export type Follower = (committed: Committed) => Promise<void>;

/**
 * The objects of the gateway: the world in memory that all reads and plans use, and the store behind it. Writes
 * run one after another; each is judged by the rules under the write lock, committed, and only then visible.
 */
export class Ledger {
  readonly gatewayId: string;
  readonly model: Model;
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #world: MemoryWorld;
  readonly #rows = new Map<string, Row>();
  readonly #secrets = new Map<string, string>();
  readonly #sorted = new Map<string, readonly string[]>();
  #revision: number;
  #queue: Promise<unknown> = Promise.resolve();
  #follower: Follower = async () => {};

  private constructor(gatewayId: string, model: Model, store: Store, vault: Vault, contents: Contents) {
    this.gatewayId = gatewayId;
    this.model = model;
    this.#store = store;
    this.#vault = vault;
    this.#revision = contents.revision;
    this.#world = new MemoryWorld(model);
    for (const row of contents.rows) this.#remember(row);
    for (const { objectId, field, ciphertext } of contents.secrets) {
      this.#secrets.set(`${objectId}/${field}`, ciphertext);
    }
  }

  static async open(gatewayId: string, model: Model, store: Store, vault: Vault): Promise<Ledger> {
    return new Ledger(gatewayId, model, store, vault, await store.load());
  }

  get revision(): number {
    return this.#revision;
  }

  get world(): World {
    return this.#world;
  }

  all(): Iterable<Stored> {
    return this.#world.all();
  }

  row(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  /** The ids of a kind's objects, oldest first. */
  idsOf(kind: Kind): readonly string[] {
    const known = this.#sorted.get(kind.kind);
    if (known) return known;
    const ids = [...this.#rows.values()]
      .filter(({ stored }) => stored.kind === kind.kind)
      .map(({ stored }) => stored.id);
    ids.sort();
    this.#sorted.set(kind.kind, ids);
    return ids;
  }

  /** The value of a writeOnly field in clear: for the data plane alone. */
  secret({ kind, id }: Stored, field: string): string | undefined {
    const ciphertext = this.#secrets.get(`${id}/${field}`);
    return ciphertext === undefined ? undefined : this.#vault.decrypt({ kind, id, field }, ciphertext);
  }

  /** From now on every commit is told to `follower`, and a write is answered when it is done with it. */
  follow(follower: Follower): void {
    this.#follower = follower;
  }

  /**
   * Judges one change and, if it is let in, commits it.
   * @param secrets The writeOnly fields that came with it.
   */
  async write(caller: Caller, change: Change, secrets: Values = {}): Promise<Written> {
    const { written, served } = await this.#inTurn(() => this.#write(caller, change, secrets));
    await served;
    return written;
  }

  /** Resolves when all writes so far are committed. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  async #write(caller: Caller, change: Change, given: Values) {
    let evaluation: Evaluation | undefined;
    let commit: Commit | undefined;
    const revision = await this.#store.write((next) => {
      const { change: complete, secrets } = this.#withFingerprint(caller, change, given);
      evaluation = evaluate(this.#world, caller, [complete], { newId });
      if (!evaluation.ok) return undefined;
      const id = evaluation.writes.put[0]?.id ?? "";
      commit = this.#commitOf(
        evaluation,
        next,
        secrets.map((secret) => ({ ...secret, objectId: id })),
      );
      return commit;
    });
    const verdict = evaluation!;
    const committed = revision !== undefined && commit ? this.#accept(revision, commit) : undefined;
    const id = verdict.ok ? verdict.writes.put[0]?.id : undefined;
    const row = id === undefined ? undefined : this.row(id);
    const written: Written = { evaluation: verdict, ...(row && { row }) };
    // Told in turn, so that followers see revisions in order; awaited out of turn, so that the next write may begin.
    return { written, served: committed ? this.#follower(committed) : Promise.resolve() };
  }

  /** The change with its fingerprint, and the ciphertexts to store; empty where the value stays as it is. */
  #withFingerprint(caller: Caller, change: Change, given: Values) {
    const kind = this.model.kind(change.kind);
    if (change.op !== "create" && change.op !== "update") return { change, secrets: [] };
    if (!hasSecret(kind.fields)) return { change, secrets: [] };
    const prior = change.op === "update" ? String(this.#world.get(change.id)?.fields.fingerprint ?? "") : "";
    const { value, salt } = given as { value?: string; salt?: string };
    if (value === undefined) {
      const stays = change.op === "update" && !change.object.valueFrom;
      const object = { ...change.object, fingerprint: stays ? prior : "" };
      return { change: { ...change, object }, secrets: stays ? [] : [{ field: "value" }] };
    }
    const used = salt ?? saltFor(kind.kind, caller.owner, String(change.object.name), prior);
    const object = { ...change.object, fingerprint: fingerprint(used, value) };
    return { change: { ...change, object }, secrets: [{ field: "value", value }] };
  }

  #commitOf(
    { writes }: Evaluation,
    revision: number,
    secrets: readonly { objectId: string; field: string; value?: string }[],
  ): Commit | undefined {
    const now = new Date().toISOString();
    const put = writes.put
      .filter((stored) => !this.#isSame(stored))
      .map((stored): Row => {
        const createdAt = this.row(stored.id)?.createdAt ?? now;
        return { stored, revision, createdAt, updatedAt: now };
      });
    if (put.length === 0 && writes.remove.length === 0) return undefined;
    const kept = secrets.flatMap(({ objectId, field, value }): Secret[] => {
      const row = put.find(({ stored }) => stored.id === objectId);
      if (!row) return [];
      if (value === undefined) return [{ objectId, field }];
      const place = { kind: row.stored.kind, id: objectId, field };
      return [{ objectId, field, ciphertext: this.#vault.encrypt(place, value) }];
    });
    return { put, remove: writes.remove, secrets: kept };
  }

  /** A write that changes nothing uses no revision: get, edit nothing, put. */
  #isSame(stored: Stored): boolean {
    const known = this.row(stored.id)?.stored;
    return known !== undefined && equal(known, stored);
  }

  #accept(revision: number, { put, remove, secrets }: Commit): Committed {
    const touched = [...put.map(({ stored }) => stored.id), ...remove];
    const before = touched.flatMap((id) => this.#world.get(id) ?? []);
    for (const id of remove) this.#forget(id);
    for (const row of put) this.#remember(row);
    for (const { objectId, field, ciphertext } of secrets) {
      if (ciphertext === undefined) this.#secrets.delete(`${objectId}/${field}`);
      else this.#secrets.set(`${objectId}/${field}`, ciphertext);
    }
    this.#revision = revision;
    return { revision, before, after: put.map(({ stored }) => stored) };
  }

  #remember(row: Row): void {
    const { id, kind } = row.stored;
    if (!this.#rows.has(id)) this.#sorted.delete(kind);
    this.#rows.set(id, row);
    this.#world.put(row.stored);
  }

  #forget(id: string): void {
    const stored = this.#world.get(id);
    if (!stored) return;
    this.#sorted.delete(stored.kind);
    this.#rows.delete(id);
    this.#world.remove(id);
    for (const [field, schema] of Object.entries(this.model.kind(stored.kind).fields)) {
      if (annotationsOf(schema).writeOnly) this.#secrets.delete(`${id}/${field}`);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}
