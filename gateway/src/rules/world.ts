import { type Kind, type Model, referenceFields, type Values } from "@modelgateway/schema";
import { claimsOf } from "./claims";
import type { Stored, Use } from "./stored";

/** What the rules may ask about the objects of a gateway. */
export interface World {
  readonly model: Model;
  get(id: string): Stored | undefined;
  /** The ids of the objects that hold a claim. */
  claimants(key: string): readonly string[];
  /** Who refers to this object. */
  uses(id: string): readonly Use[];
  ofOwner(owner: string): readonly Stored[];
}

/** The ids in one reference field. */
export function idsIn(fields: Values, field: string): readonly string[] {
  const value = fields[field];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((id): id is string => typeof id === "string") : [];
}

/** Rewrites what stands in the reference fields: names to ids, or ids to names. */
export function mapReferences(
  kind: Kind,
  fields: Values,
  map: (target: string, field: string, index: number) => string | undefined,
): Values {
  const mapped: Record<string, unknown> = { ...fields };
  for (const { field, reference } of referenceFields(kind)) {
    const value = fields[field];
    if (Array.isArray(value)) {
      mapped[field] = value.map((one, at) =>
        typeof one === "string" ? (map(one, reference.kind, at) ?? null) : null,
      );
    } else if (typeof value === "string") {
      mapped[field] = map(value, reference.kind, -1);
    }
  }
  return mapped;
}

/** The object that a name stands for. */
export function byName(world: World, kind: Kind, name: string): Stored | undefined {
  if (!kind.joins) return first(world, `name:${kind.kind}/${name}`);
  const parts = name.split(":");
  const joined = kind.joins.map((field, at) => {
    const reference = referenceFields(kind).find((one) => one.field === field)!.reference;
    return byName(world, world.model.kind(reference.kind), parts[at] ?? "")?.id;
  });
  return joined.includes(undefined) ? undefined : first(world, `joins:${kind.kind}/${joined.join(":")}`);
}

const first = (world: World, key: string): Stored | undefined => {
  const [id] = world.claimants(key);
  return id === undefined ? undefined : world.get(id);
};

/** An object's name; of a kind that joins others, their names now. */
export function nameOf(world: World, stored: Stored): string {
  const kind = world.model.kind(stored.kind);
  if (!kind.joins) return String(stored.fields.name ?? "?");
  return kind.joins
    .map((field) => world.get(String(stored.fields[field])))
    .map((target) => (target ? nameOf(world, target) : "?"))
    .join(":");
}

/** An object's normal form as clients see it: references by their current names. */
export function namedFields(world: World, stored: Stored): Values {
  return mapReferences(world.model.kind(stored.kind), stored.fields, (id) => {
    const target = world.get(id);
    return target && nameOf(world, target);
  });
}

/** A world in memory, indexed by everything that the rules ask for. */
export class MemoryWorld implements World {
  readonly model: Model;
  readonly #objects = new Map<string, Stored>();
  readonly #claims = new Index<string>();
  readonly #uses = new Index<Use>();
  readonly #owned = new Index<Stored>();

  constructor(model: Model, objects: Iterable<Stored> = []) {
    this.model = model;
    for (const stored of objects) this.put(stored);
  }

  get(id: string): Stored | undefined {
    return this.#objects.get(id);
  }

  all(): IterableIterator<Stored> {
    return this.#objects.values();
  }

  claimants(key: string): readonly string[] {
    return this.#claims.get(key);
  }

  uses(id: string): readonly Use[] {
    return this.#uses.get(id);
  }

  ofOwner(owner: string): readonly Stored[] {
    return this.#owned.get(owner);
  }

  put(stored: Stored): void {
    this.remove(stored.id);
    this.#objects.set(stored.id, stored);
    for (const { key } of claimsOf(this.model, stored)) this.#claims.add(key, stored.id, stored.id);
    for (const { target, part, use } of usesBy(this.model, stored)) this.#uses.add(target, part, use);
    if (stored.managedBy !== "") this.#owned.add(stored.managedBy, stored.id, stored);
  }

  remove(id: string): void {
    const stored = this.#objects.get(id);
    if (!stored) return;
    this.#objects.delete(id);
    for (const { key } of claimsOf(this.model, stored)) this.#claims.delete(key, id);
    for (const { target, part } of usesBy(this.model, stored)) this.#uses.delete(target, part);
    this.#owned.delete(stored.managedBy, id);
  }
}

/** Values by key, each under a part of its own, so that one of many goes as fast as one of few. */
class Index<T> {
  readonly #byKey = new Map<string, Map<string, T>>();

  get(key: string): readonly T[] {
    const parts = this.#byKey.get(key);
    return parts ? [...parts.values()] : [];
  }

  add(key: string, part: string, value: T): void {
    const parts = this.#byKey.get(key);
    if (parts) parts.set(part, value);
    else this.#byKey.set(key, new Map([[part, value]]));
  }

  delete(key: string, part: string): void {
    const parts = this.#byKey.get(key);
    parts?.delete(part);
    if (parts?.size === 0) this.#byKey.delete(key);
  }
}

/** A world after some objects were written or removed, without copying the world. */
export class Overlay implements World {
  readonly model: Model;
  readonly #base: World;
  readonly #written: MemoryWorld;
  readonly #hidden: Set<string>;

  constructor(base: World, written: Iterable<Stored>, removed: Iterable<string> = []) {
    this.model = base.model;
    this.#base = base;
    this.#written = new MemoryWorld(base.model, written);
    this.#hidden = new Set(removed);
    for (const { id } of this.#written.all()) this.#hidden.add(id);
  }

  get(id: string): Stored | undefined {
    return this.#written.get(id) ?? (this.#hidden.has(id) ? undefined : this.#base.get(id));
  }

  claimants(key: string): readonly string[] {
    return [
      ...this.#written.claimants(key),
      ...this.#base.claimants(key).filter((id) => !this.#hidden.has(id)),
    ];
  }

  uses(id: string): readonly Use[] {
    return [
      ...this.#written.uses(id),
      ...this.#base.uses(id).filter((use) => !this.#hidden.has(use.from.id)),
    ];
  }

  ofOwner(owner: string): readonly Stored[] {
    const kept = this.#base.ofOwner(owner).filter(({ id }) => !this.#hidden.has(id));
    return [...this.#written.ofOwner(owner), ...kept];
  }
}

function usesBy(model: Model, from: Stored): { target: string; part: string; use: Use }[] {
  return referenceFields(model.kind(from.kind)).flatMap(({ field, reference }) =>
    idsIn(from.fields, field).map((target) => ({
      target,
      part: `${from.id} ${field}`,
      use: { from, field, onDelete: reference.onDelete },
    })),
  );
}
