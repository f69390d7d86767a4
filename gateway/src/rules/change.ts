import type { Values } from "@modelgateway/schema";

/** Who writes. Empty: a human, or a client that declares no owner. */
export interface Caller {
  readonly owner: string;
}

/** Take the object from its owner: from whoever it is, or from this one only. */
export type TakeOver = true | string;

/** What is asked for. An object is a request's body after `check`: its normal form, references by name. */
export type Change =
  | {
      readonly op: "create";
      readonly kind: string;
      readonly object: Values;
      /** Fields of which a part is not known yet: absent from `object`, and their rules wait. */
      readonly unknown?: ReadonlySet<string>;
      /** Take over an existing object of this name: one without an owner, or with "force" any. */
      readonly adopt?: true | "force";
      readonly managedAs?: string;
      /** The id of the object that this one replaces; another change deletes that one. */
      readonly replaces?: string;
    }
  | {
      readonly op: "update";
      readonly kind: string;
      readonly id: string;
      readonly object: Values;
      readonly unknown?: ReadonlySet<string>;
      readonly takeOver?: TakeOver;
      readonly managedAs?: string;
    }
  | {
      readonly op: "delete";
      readonly kind: string;
      readonly id: string;
      /** What the client believes it refers to, by field: a name or an id. */
      readonly expect?: Readonly<Record<string, string>>;
      readonly takeOver?: TakeOver;
      /** Where only the caller's own objects still depend on it: mark it as going instead of refusing. */
      readonly whenFree?: boolean;
    }
  /** What this operation does not touch. `object`, where given, is what its program says of it. */
  | { readonly op: "keep"; readonly kind: string; readonly id: string; readonly object?: Values };

/** The fields of which a part is not known yet. */
export const unknownFields = (change: Change): ReadonlySet<string> =>
  (change.op === "create" || change.op === "update" ? change.unknown : undefined) ?? new Set();

/** Whether an object is the caller's own: the same owner, and there is one. */
export const isOwnOf = ({ owner }: Caller, { managedBy }: { readonly managedBy: string }): boolean =>
  owner !== "" && managedBy === owner;
