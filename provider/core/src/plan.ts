import { annotationsOf, equal, isStored, type Kind, normalise, type Values } from "@modelgateway/schema";
import { fieldsOf, secretOf } from "./declared";

/** What it takes to get from one declaration to another. */
export interface Plan {
  readonly action: "none" | "update" | "replace";
  /** The fields that differ, or may: a value that is not known yet counts. */
  readonly changed: readonly string[];
  /** Those of them that cannot be changed in place. */
  readonly replaces: readonly string[];
}

/**
 * Compares two declarations of one object. Both are brought into the current schema's normal form first, so that
 * a new default, another spelling or another order is no change.
 */
export function plan(kind: Kind, prior: Values, desired: Values, unknown: readonly string[] = []): Plan {
  const unknownFields = fieldsOf(unknown);
  const before = { ...normalise(kind, prior), ...fingerprintIn(kind, prior) };
  const after = { ...normalise(kind, desired, unknownFields), ...fingerprintIn(kind, desired) };
  const changed = Object.keys(kind.fields).filter(
    (name) =>
      isCompared(kind, name) && (unknownFields.has(name) || !equal(before[name] ?? "", after[name] ?? "")),
  );
  const replaces = changed.filter((name) => annotationsOf(kind.fields[name]!).createOnly);
  if (changed.length === 0) return { action: "none", changed, replaces };
  return { action: replaces.length > 0 ? "replace" : "update", changed, replaces };
}

const isCompared = (kind: Kind, name: string): boolean =>
  isStored(kind.fields[name]!) || name === secretOf(kind)?.fingerprint;

/** A secret's value is compared by its fingerprint, which stands where the value is never kept. */
function fingerprintIn(kind: Kind, values: Values): Values {
  const name = secretOf(kind)?.fingerprint;
  return name === undefined ? {} : { [name]: values[name] ?? "" };
}
