import type { Dependent } from "@modelgateway/schema";
import { type Caller, evaluate, nameOf, type Stored, type World } from "../rules";
import type { Ledger } from "./ledger";

/** A dependent as lists and refusals name it. */
export function labelView(world: World, stored: Stored): Dependent {
  return {
    kind: stored.kind,
    id: stored.id,
    name: nameOf(world, stored),
    ...(stored.managedBy && { managedBy: stored.managedBy }),
  };
}

/** What to do about a dependent, in words. */
export function remedyFor(world: World, dependent: Stored, via: string): string {
  const name = `${dependent.kind}/${nameOf(world, dependent)}`;
  const place = dependent.managedBy ? ` where it is declared (${dependent.managedBy})` : "";
  return `Change \`${via}\` of ${name} or delete it${place}.`;
}

/** The manual's dependency check: everything that depends on an object, directly or through others. */
export function dependentsOf(ledger: Ledger, caller: Caller, target: Stored) {
  const { world } = ledger;
  const seen = new Set([target.id]);
  const items = [];
  let level = [target];
  for (let depth = 1; level.length > 0; depth++) {
    const next: Stored[] = [];
    for (const parent of level) {
      for (const { from, field, onDelete } of world.uses(parent.id)) {
        if (seen.has(from.id)) continue;
        seen.add(from.id);
        next.push(from);
        const place = depth > 1 ? { parent: parent.id } : {};
        items.push({
          ...labelView(world, from),
          via: field,
          onDelete,
          depth,
          ...place,
          remedy: remedyFor(world, from, field),
        });
      }
    }
    level = next;
  }
  const { ok } = evaluate(world, caller, [{ op: "delete", kind: target.kind, id: target.id }]);
  return { revision: ledger.revision, deletable: ok, items };
}
