import { referenceFields } from "@modelgateway/schema";
import { type Caller, isOwnOf } from "./change";
import { type Step, type Steps, stepName } from "./steps";
import type { Stored } from "./stored";
import { byName, idsIn, nameOf, Overlay, type World } from "./world";

/** One object as it is at some moment while the plan is written. */
export interface State {
  readonly stored: Stored;
  readonly moment: "before" | "after";
  /** It is still so when the plan has been written. */
  readonly isEnd: boolean;
}

/**
 * The way from the world before a plan to the world after it. Engines write one object at a time, in an order of
 * their own, so a rule that joins several objects has to hold in every mix of their states that can be reached.
 */
export class Course {
  readonly caller: Caller;
  readonly steps: readonly Step[];
  readonly base: World;
  /** After all creates and updates, before any delete. */
  readonly after: World;
  /** After everything: deletes, what they cascade to, and what was only waiting to become free. */
  readonly end: World;
  /** Deleted because something it depends on is: an unowned binding with its API. */
  readonly cascaded: ReadonlyMap<string, Step>;
  /** Going objects that this plan frees. */
  readonly freed: ReadonlySet<string>;
  readonly #stepOf = new Map<string, Step>();
  readonly #deletes = new Map<string, Step>();
  readonly #requires = new Map<string, ReadonlySet<string>>();

  constructor(caller: Caller, resolved: Steps) {
    this.caller = caller;
    this.steps = resolved.steps;
    this.base = resolved.base;
    this.after = resolved.after;
    for (const step of this.steps) {
      if (step.action === "delete") this.#deletes.set(step.id, step);
      else if (step.after) this.#stepOf.set(step.id, step);
    }
    this.cascaded = this.#cascades();
    const removed = new Set([...this.#deletes.keys()].filter((id) => !this.#stepOf.has(id)));
    for (const id of this.cascaded.keys()) removed.add(id);
    this.freed = this.#freed(removed);
    this.end = new Overlay(this.after, [], [...removed, ...this.freed]);
  }

  /** The create or update of this object, if the plan has one. */
  upsertOf(id: string): Step | undefined {
    return this.#stepOf.get(id);
  }

  /** The delete of this object that the plan asks for, one that is half of a replacement included. */
  deleteOf(id: string): Step | undefined {
    return this.#deletes.get(id);
  }

  /** Whether the object is the caller's own: the same owner, and there is one. */
  isOwn(stored: Stored): boolean {
    return isOwnOf(this.caller, stored);
  }

  nameOf(step: Step): string {
    return stepName(this, step);
  }

  /** Every state that the object goes through; one for an object that the plan leaves alone. */
  states(id: string): readonly State[] {
    const before = this.base.get(id);
    const after = this.#stepOf.get(id)?.after;
    const stays = this.end.get(id) !== undefined;
    const states: State[] = [];
    if (before) states.push({ stored: before, moment: "before", isEnd: stays && !after });
    if (after) states.push({ stored: after, moment: "after", isEnd: stays });
    return states;
  }

  /**
   * Whether an order exists that passes through all of these states at one time. A create or update that names
   * what another change of the plan creates or renames can only follow it: it is retried until then.
   */
  reachable(states: readonly State[]): boolean {
    const written = new Set<string>();
    for (const { stored, moment } of states) if (moment === "after") this.#require(stored.id, written);
    return states.every(
      ({ stored, moment }) =>
        moment === "after" || !(written.has(stored.id) || this.#isReplaced(stored, written)),
    );
  }

  /** A replaced object is deleted before its replacement is created, and gone at once where nothing uses it. */
  #isReplaced({ id }: Stored, written: ReadonlySet<string>): boolean {
    const replacedBy = this.#deletes.get(id)?.replacedBy;
    return replacedBy !== undefined && written.has(replacedBy.id) && this.#remaining(id) === 0;
  }

  #remaining(id: string): number {
    return this.base.uses(id).filter((use) => !this.cascaded.has(use.from.id)).length;
  }

  #require(id: string, into: Set<string>): void {
    if (into.has(id)) return;
    into.add(id);
    for (const required of this.#requiredBy(id)) this.#require(required, into);
  }

  #requiredBy(id: string): ReadonlySet<string> {
    const known = this.#requires.get(id);
    if (known) return known;
    const found = new Set<string>();
    const step = this.#stepOf.get(id);
    for (const { kind, name } of step ? namesIn(step) : []) {
      const target = byName(this.after, this.base.model.kind(kind), name);
      const before = target && this.base.get(target.id);
      if (!target || !this.#stepOf.has(target.id)) continue;
      if (!before || before.going || nameOf(this.base, before) !== name) found.add(target.id);
    }
    this.#requires.set(id, found);
    return found;
  }

  #cascades(): Map<string, Step> {
    const cascaded = new Map<string, Step>();
    const queue = [...this.#deletes].map(([id, step]) => ({ id, step }));
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { step } = next;
      for (const { from, onDelete } of this.after.uses(next.id)) {
        const isOurs = this.#deletes.has(from.id) || this.#stepOf.has(from.id) || cascaded.has(from.id);
        if (onDelete !== "cascade" || from.managedBy !== "" || isOurs) continue;
        cascaded.set(from.id, step);
        queue.push({ id: from.id, step });
      }
    }
    return cascaded;
  }

  #freed(removed: ReadonlySet<string>): Set<string> {
    const freed = new Set<string>();
    const isGone = (id: string) => removed.has(id) || freed.has(id);
    const changed = [...this.#stepOf.keys(), ...removed].flatMap((id) => this.base.get(id) ?? []);
    const queue = changed.flatMap((stored) => targetsOf(this.base, stored));
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const target = this.base.get(id);
      if (!target?.going || isGone(id) || this.#stepOf.has(id)) continue;
      if (this.after.uses(id).some((use) => !isGone(use.from.id))) continue;
      freed.add(id);
      queue.push(...targetsOf(this.base, target));
    }
    return freed;
  }
}

/** The names that a create or update refers to, with their places. */
export function namesIn({
  kind,
  change,
}: Step): { kind: string; name: string; path: string; field: string }[] {
  if (change.op === "delete" || !change.object) return [];
  const { object } = change;
  return referenceFields(kind).flatMap(({ field, list, reference }) => {
    const value = object[field];
    const names = list ? (Array.isArray(value) ? value : []) : [value];
    return names.flatMap((name, at) =>
      typeof name === "string"
        ? [{ kind: reference.kind, name, field, path: list ? `/${field}/${at}` : `/${field}` }]
        : [],
    );
  });
}

/** The ids that an object refers to. */
export const targetsOf = (world: World, { kind, fields }: Stored): string[] =>
  referenceFields(world.model.kind(kind)).flatMap(({ field }) => idsIn(fields, field));
