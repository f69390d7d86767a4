import {
  type CheckResult,
  fieldOf,
  fieldsOf,
  type Intent,
  type Journal,
  type Plan,
} from "@modelgateway/core";
import { isStored, type Kind, normalise } from "@modelgateway/schema";
import type { Properties } from "./state";

/** What is known of a checked declaration before its diff. */
type Wanted = Pick<Extract<Intent, { does: "create" }>, "object" | "unknown">;

/** Turns the engine's checks and diffs into the journal of what it is about to do. */
export class Notes {
  readonly #kind: Kind;
  readonly #journal: Journal;
  readonly #undecided = new Map<string, Wanted>();

  constructor(kind: Kind, journal: Journal) {
    this.#kind = kind;
    this.#journal = journal;
  }

  /**
   * After a check. Where the state has no such resource, or its replacement is forced, no diff follows; the two
   * look the same here, and the guard tells them apart. The second check of a replacement has no prior state either.
   */
  checked(as: string, hasPrior: boolean, { inputs, unknown }: CheckResult): void {
    const stored = unknown.filter((pointer) => isStored(this.#kind.fields[fieldOf(pointer)]!));
    const wanted = { object: normalise(this.#kind, inputs, fieldsOf(stored)), unknown: stored };
    if (hasPrior) {
      this.#undecided.set(as, wanted);
      return;
    }
    const noted = this.#journal.find(this.#kind.kind, as);
    const intent: Intent =
      noted?.does === "replace" ? { ...noted, ...wanted } : { does: "create", ...wanted };
    this.#journal.note(this.#kind.kind, as, intent);
  }

  /** After a diff. One without a check before it only asks what would happen if something else were replaced. */
  diffed(id: string, before: Properties, after: Properties, action: Plan["action"]): void {
    const as = after.owner.managedAs;
    const wanted = this.#undecided.get(as);
    if (!wanted) return;
    this.#undecided.delete(as);
    const takeOver = takeOverOf(before, after);
    const intent: Intent =
      action === "none"
        ? { does: "keep", id, object: wanted.object }
        : { does: action, id, ...wanted, ...(takeOver !== "" && { takeOver }) };
    this.#journal.note(this.#kind.kind, as, intent);
  }
}

/** The owner to take an object from: a renamed stack keeps its objects. Empty: it has the right one. */
export const takeOverOf = (before: Properties, after: Properties): string =>
  before.owner.managedBy === after.owner.managedBy ? "" : before.owner.managedBy;
