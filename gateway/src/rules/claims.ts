import type { Model, Values } from "@modelgateway/schema";
import { routeClaims } from "./kinds/model-api";
import type { Claim, Stored } from "./stored";

/** What a kind claims beside its identity. */
const CLAIMS: Readonly<Record<string, (fields: Values) => readonly Claim[]>> = { ModelApi: routeClaims };

/** Everything that an object claims. What depends on a field that is not known yet is not claimed. */
export function claimsOf(model: Model, stored: Stored): readonly Claim[] {
  const known = claims.get(stored);
  if (known) return known;
  const identity = identityClaim(model, stored);
  const own = CLAIMS[stored.kind]?.(stored.fields) ?? [];
  const found = identity ? [identity, ...own] : own;
  claims.set(stored, found);
  return found;
}
// Objects never change, and a plan asks for the claims of one of them a dozen times.
const claims = new WeakMap<Stored, readonly Claim[]>();

/** An object's identity as a claim: its name, or the objects that it joins. */
export function identityClaim(model: Model, { kind, fields }: Stored): Claim | undefined {
  const { joins } = model.kind(kind);
  if (!joins) {
    return fields.name === undefined ? undefined : { key: `name:${kind}/${fields.name}`, path: "/name" };
  }
  const ids = joins.map((field) => fields[field]);
  if (ids.includes(undefined)) return undefined;
  return { key: `joins:${kind}/${ids.join(":")}`, path: `/${joins[0]}` };
}
