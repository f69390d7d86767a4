import type { PlanChange, Values } from "@modelgateway/schema";

/** What a declaration says of an object, as far as it is known. */
interface Wanted {
  /** Its normal form, without the fields of which a part is not known yet. */
  readonly object: Values;
  /** JSON pointers to what is not known yet. */
  readonly unknown: readonly string[];
}

/** What an operation will do to one object. */
export type Intent =
  | ({ readonly does: "create" } & Wanted)
  | ({ readonly does: "update"; readonly id: string; readonly takeOver?: string } & Wanted)
  /** Deleted and created anew, by a `createOnly` change or because the user forces it. */
  | ({ readonly does: "replace"; readonly id: string; readonly takeOver?: string } & Wanted)
  | { readonly does: "delete"; readonly id: string; readonly takeOver?: string }
  | { readonly does: "keep"; readonly id: string; readonly object?: Values };

/** One object of the journal: its kind and its logical name. */
export interface Entry {
  readonly kind: string;
  readonly as: string;
  readonly intent: Intent;
}

/**
 * What one operation does, collected from its checks and diffs, so that the gateway can judge it as a whole before
 * anything is deleted. The last word on an object counts.
 */
export class Journal {
  readonly #entries = new Map<string, Entry>();

  note(kind: string, as: string, intent: Intent): void {
    this.#entries.set(keyOf(kind, as), { kind, as, intent });
  }

  /** What has been written is done: from now on the operation leaves it alone. */
  wrote(kind: string, as: string, id: string): void {
    this.note(kind, as, { does: "keep", id });
  }

  find(kind: string, as: string): Intent | undefined {
    return this.#entries.get(keyOf(kind, as))?.intent;
  }

  entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** The operation as the changes of one plan. */
  changes(): readonly PlanChange[] {
    return this.entries().flatMap(changesOf);
  }
}

const keyOf = (kind: string, as: string): string => `${kind} ${as}`;

function changesOf({ kind, as, intent }: Entry): PlanChange[] {
  if (intent.does === "keep") {
    const { id, object } = intent;
    return [{ op: "keep", kind, id, ...(object && { object }) }];
  }
  const taking = "takeOver" in intent && intent.takeOver ? { takeOver: intent.takeOver } : {};
  if (intent.does === "delete") return [{ op: "delete", kind, id: intent.id, ...taking }];

  const { object, unknown } = intent;
  const wanted = { kind, object, ...(unknown.length > 0 && { unknown }) };
  const named = as === "" ? {} : { managedAs: as };
  switch (intent.does) {
    case "create":
      return [{ op: "create", ...wanted, ...named }];
    case "update":
      return [{ op: "update", id: intent.id, ...wanted, ...taking }];
    case "replace":
      return [
        { op: "delete", kind, id: intent.id, ...taking },
        { op: "create", ...wanted, ...named, replaces: intent.id },
      ];
  }
}
