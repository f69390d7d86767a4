import { isError, type Model, referenceFields } from "@modelgateway/schema";
import { type Caller, type Change, evaluate, idsIn, MemoryWorld, type Stored } from "..";

/** What an engine's run came to. */
export type Run = { readonly ok: true } | { readonly ok: false; readonly why: string };

type Engine = "pulumi" | "terraform";

/**
 * Every order in which an engine may write these changes, as runs: one object at a time, with the retries of the
 * libraries. Pulumi makes all creates and updates before all deletes. Terraform mixes them, but an update waits
 * for the delete of what its object referred to before.
 */
export function* runs(
  base: MemoryWorld,
  caller: Caller,
  changes: readonly Change[],
): Generator<[string, Run]> {
  const writes = changes.map((_, at) => at).filter((at) => changes[at]!.op !== "keep");
  for (const engine of ["pulumi", "terraform"] as const) {
    const edges = edgesOf(base, caller, changes, engine);
    for (const order of permutations(writes)) {
      yield [`${engine} ${order.join(",")}`, write(base, caller, changes, order, edges)];
    }
  }
}

/** `after` waits until `first` is written. */
interface Edge {
  readonly first: number;
  readonly after: number;
}

function edgesOf(base: MemoryWorld, caller: Caller, changes: readonly Change[], engine: Engine): Edge[] {
  const edges: Edge[] = [];
  const indexed = [...changes.entries()];
  const isOwn = (stored: Stored) => stored.managedBy !== "" && stored.managedBy === caller.owner;
  const refersTo = (id: string, target: string) => base.uses(target).some(({ from }) => from.id === id);
  const replacement = (id: string) =>
    indexed.find(([, one]) => one.op === "create" && one.replaces === id)?.[0];
  for (const [at, change] of indexed) {
    if (change.op !== "delete") continue;
    const replacedBy = replacement(change.id);
    // The half of a replacement that deletes comes first.
    if (replacedBy !== undefined) edges.push({ first: at, after: replacedBy });
    for (const [other, two] of indexed) {
      if (other === at || two.op === "keep") continue;
      // A reference to what is replaced is an edge to its replacement; retries do not cover a caller without owner.
      const created = replacedBy === undefined ? undefined : changes[replacedBy];
      if (
        caller.owner === "" &&
        two.op !== "delete" &&
        created?.op === "create" &&
        names(base.model, two, created)
      ) {
        edges.push({ first: replacedBy!, after: other });
      }
      if (two.op === "create") continue;
      if (engine === "pulumi" && two.op === "update" && replacedBy === undefined)
        edges.push({ first: other, after: at });
      if (!refersTo(two.id, change.id)) continue;
      const dependent = base.get(two.id)!;
      if (two.op === "delete") {
        // Engines know the edge between two deletes; without it, retries cover the caller's own dependents.
        const early = engine === "pulumi" && replacedBy !== undefined;
        if (!isOwn(dependent) && !early) edges.push({ first: other, after: at });
      } else if (engine === "terraform" || replacedBy !== undefined) {
        edges.push({ first: at, after: other });
      }
    }
    if (engine === "pulumi" && replacedBy === undefined) {
      for (const [other, two] of indexed) if (two.op === "create") edges.push({ first: other, after: at });
      for (const [other, two] of indexed) {
        if (two.op === "delete" && replacement(two.id) !== undefined) edges.push({ first: other, after: at });
      }
    }
  }
  return edges;
}

function names(
  model: Model,
  from: Change & { op: "create" | "update" },
  target: Change & { op: "create" },
): boolean {
  return referenceFields(model.kind(from.kind)).some(
    ({ field, reference }) =>
      reference.kind === target.kind && idsIn(from.object, field).includes(String(target.object.name)),
  );
}

function write(
  base: MemoryWorld,
  caller: Caller,
  changes: readonly Change[],
  order: readonly number[],
  edges: readonly Edge[],
): Run {
  const world = new MemoryWorld(base.model, base.all());
  const pending = [...order];
  const ids = new Map<number, string>();
  while (pending.length > 0) {
    const free = pending.filter(
      (at) => !edges.some(({ first, after }) => after === at && pending.includes(first)),
    );
    let progressed = false;
    for (const at of free) {
      const refused = writeOne(world, caller, changes[at]!, at, ids);
      if (refused === undefined) {
        pending.splice(pending.indexOf(at), 1);
        progressed = true;
        break;
      }
      if (refused !== "retry") return { ok: false, why: `change ${at}: ${refused}` };
    }
    if (!progressed) return { ok: false, why: `changes ${pending.join(",")} wait for ever` };
  }
  const left = changes.find((change) => change.op === "delete" && world.get(change.id)?.going);
  if (left) return { ok: false, why: "something is left going" };
  const lost = order.find((at) => changes[at]!.op !== "delete" && !world.get(ids.get(at)!));
  if (lost !== undefined) return { ok: false, why: `the object of change ${lost} is lost` };
  const made = order.flatMap((at) => (changes[at]!.op === "delete" ? [] : [ids.get(at)]));
  return new Set(made).size === made.length
    ? { ok: true }
    : { ok: false, why: "two changes became one object" };
}

/** One write as a library sends it; undefined when it was accepted, "retry" when the library would try again. */
export function writeOne(
  world: MemoryWorld,
  caller: Caller,
  change: Change,
  at: number,
  ids = new Map<number, string>(),
): string | undefined {
  const sent = asWrite(change);
  const { ok, writes, judgements } = evaluate(world, caller, [sent], { newId: () => `made-${at}` });
  if (ok) {
    for (const id of writes.remove) world.remove(id);
    for (const stored of writes.put) world.put(stored);
    if (writes.put[0]) ids.set(at, writes.put[0].id);
    return undefined;
  }
  const errors = judgements.map(({ diagnostic }) => diagnostic).filter(isError);
  // While a reference does not resolve, no other refusal is final: what it names may yet free the name as well.
  const retried = errors.some(
    ({ code, path }) => code === "reference_missing" || (code === "going" && path !== ""),
  );
  return retried ? "retry" : errors.map(({ code }) => code).join(" ");
}

function asWrite(change: Change): Change {
  if (change.op === "delete") return { ...change, whenFree: true };
  if (change.op !== "create") return change;
  const { replaces: _, ...sent } = change;
  return sent;
}

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) return yield [];
  for (const [at, item] of items.entries()) {
    const others = items.filter((_, other) => other !== at);
    for (const rest of permutations(others)) yield [item, ...rest];
  }
}
