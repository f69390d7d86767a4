import type { Values } from "@modelgateway/schema";

/** An object as the gateway holds it: its normal form, with references as ids. */
export interface Stored {
  readonly kind: string;
  readonly id: string;
  /** Stored fields only. A reference that does not resolve, or is not known yet, is absent (null in a list). */
  readonly fields: Values;
  /** The owner; empty: nobody's. */
  readonly managedBy: string;
  /** The logical name that the owner gave it; empty: none. */
  readonly managedAs: string;
  /** Deleted by its owner, and served until nothing depends on it. */
  readonly going: boolean;
}

/** One reference: `from` holds the id of an object in `field`. */
export interface Use {
  readonly from: Stored;
  readonly field: string;
  readonly onDelete: "restrict" | "cascade";
}

/** What only one object may hold: a name, a place as a pair, a method and path. */
export interface Claim {
  readonly key: string;
  /** The field to blame, as a JSON pointer. */
  readonly path: string;
  /** Where several may hold the key: what must differ between them, for the database's unique index. */
  readonly discriminator?: string;
  /** Two holders of one key may live together where one of the two says so (routes with header conditions). */
  readonly excludes?: (other: Stored) => boolean;
}
