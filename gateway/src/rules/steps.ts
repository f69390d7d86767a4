import { type Kind, nameIn } from "@modelgateway/schema";
import { type Caller, type Change, isOwnOf } from "./change";
import { identityClaim } from "./claims";
import type { Stored } from "./stored";
import { byName, mapReferences, nameOf, Overlay, type World } from "./world";

export type Action = "create" | "adopt" | "resume" | "update" | "delete" | "none";

/** A change, resolved against the world: which object it is about, and what that is before and after. */
export interface Step {
  /** The change's place in the plan; absent for a delete that only `owned` asks for. */
  readonly index?: number;
  readonly change: Change;
  readonly kind: Kind;
  readonly id: string;
  readonly action: Action;
  /** Absent where the change creates it, or where it is gone. */
  readonly before?: Stored;
  /** Absent where the change deletes it. */
  readonly after?: Stored;
  /** For a delete: the change that creates the object anew. */
  readonly replacedBy?: Step;
}

/** The changes of one plan as steps, and the worlds before and after its creates and updates. */
export interface Steps {
  readonly steps: readonly Step[];
  readonly base: World;
  /** After all creates and updates, before any delete: where the references of both resolve. */
  readonly after: World;
}

export interface ResolveOptions {
  /** Judge every object of the caller that no change names as a delete. */
  readonly owned: boolean;
  /** The id of an object that change `index` creates. */
  readonly newId: (index: number) => string;
}

/** Finds out what each change is about. Refuses nothing: what does not fit is for the rules. */
export function resolve(
  base: World,
  caller: Caller,
  changes: readonly Change[],
  options: ResolveOptions,
): Steps {
  const drafts = changes.map((change, index) => draft(base, caller, change, index, options));
  const named = drafts.filter(({ kind }) => !kind.joins);
  const joined = drafts.filter(({ kind }) => kind.joins);

  // Names first: what joins others is found by what it joins, and every reference needs all names.
  const stepOf = new Map<Draft, Step>();
  for (const one of named) stepOf.set(one, identify(base, caller, one, drafts));
  const names = new Overlay(base, written(stepOf.values()));
  for (const one of joined) stepOf.set(one, identify(base, caller, refer(names, one), drafts));

  const after = new Overlay(names, written(stepOf.values()));
  const steps = drafts.map((one) => withReferences(after, stepOf.get(one)!));
  const implied = options.owned ? ownedDeletes(base, caller, steps) : [];
  const all = [...steps, ...implied];
  return { steps: withReplacements(all), base, after: new Overlay(base, written(all)) };
}

interface Draft {
  readonly index: number;
  readonly change: Change;
  readonly kind: Kind;
  /** The wanted object, its references still names. */
  readonly wanted?: Stored;
  readonly before?: Stored;
}

const written = (steps: Iterable<Step>): Stored[] =>
  [...steps].flatMap(({ after }) => (after ? [after] : []));

function draft(base: World, caller: Caller, change: Change, index: number, options: ResolveOptions): Draft {
  const kind = base.model.kind(change.kind);
  if (change.op === "create") {
    const wanted: Stored = {
      kind: kind.kind,
      id: options.newId(index),
      fields: change.object,
      managedBy: caller.owner,
      managedAs: change.managedAs ?? "",
      going: false,
    };
    return { index, change, kind, wanted };
  }
  const found = base.get(change.id);
  const before = found?.kind === kind.kind ? found : undefined;
  const known = { index, change, kind, ...(before && { before }) };
  if (change.op !== "update" || !before) return known;
  const wanted = {
    ...before,
    // A field that is not known yet is absent; `before` would be a wrong guess.
    fields: { ...computedPart(kind, before), ...change.object },
    managedBy: caller.owner || before.managedBy,
    managedAs: (caller.owner && change.managedAs) || before.managedAs,
  };
  return { ...known, wanted };
}

/** What the gateway stores beside the declared fields, such as a fingerprint. */
function computedPart(kind: Kind, { fields }: Stored) {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => kind.fields[name]?.readOnly));
}

const refer = (names: World, one: Draft): Draft =>
  one.wanted ? { ...one, wanted: referring(names, one.kind, one.wanted) } : one;

function referring(names: World, kind: Kind, wanted: Stored): Stored {
  const id = (name: string, target: string) => byName(names, names.model.kind(target), name)?.id;
  return { ...wanted, fields: mapReferences(kind, wanted.fields, id) };
}

function withReferences(names: World, step: Step): Step {
  if (!step.after || step.kind.joins) return step;
  return { ...step, after: referring(names, step.kind, step.after) };
}

function identify(base: World, caller: Caller, one: Draft, drafts: readonly Draft[]): Step {
  const { change, kind, before, wanted, index } = one;
  const common = { index, change, kind };
  if (change.op === "delete") {
    const id = change.id;
    return before ? { ...common, id, action: "delete", before } : { ...common, id, action: "none" };
  }
  if (change.op === "keep" || !wanted) {
    return {
      ...common,
      id: "id" in change ? change.id : "",
      action: "none",
      ...(before && { before }),
    };
  }
  if (change.op === "update")
    return { ...common, id: change.id, action: "update", ...(before && { before }), after: wanted };
  const existing = taken(base, wanted);
  const how = existing && howToTake(caller, change, existing, drafts);
  if (!existing || !how) return { ...common, id: wanted.id, action: "create", after: wanted };
  const after = { ...wanted, id: existing.id, fields: { ...computedPart(kind, existing), ...wanted.fields } };
  return { ...common, id: existing.id, action: how, before: existing, after };
}

/** The object that already has the identity which a create asks for. */
function taken(base: World, wanted: Stored): Stored | undefined {
  const claim = identityClaim(base.model, wanted);
  const [id] = claim ? base.claimants(claim.key) : [];
  return id === undefined ? undefined : base.get(id);
}

/**
 * How a create takes an object that exists: its replacement, the same create once more (its answer was lost),
 * the revival of one that is going, or an adoption. Undefined: not at all, and the name is taken.
 */
function howToTake(
  caller: Caller,
  change: Change & { op: "create" },
  existing: Stored,
  drafts: readonly Draft[],
): "create" | "resume" | "adopt" | undefined {
  const others = drafts.filter((other) => other.before?.id === existing.id);
  if (change.replaces === existing.id && others.every((other) => other.change.op === "delete"))
    return "create";
  // Another change of the plan is about that object: two steps on one object have no order.
  if (others.some((other) => other.change.op !== "keep")) return undefined;
  const own = isOwnOf(caller, existing);
  if (own && existing.going) return "resume";
  if (existing.going) return undefined;
  if (own && existing.managedAs !== "" && existing.managedAs === change.managedAs) return "resume";
  if (change.adopt === "force" || (change.adopt && existing.managedBy === "")) return "adopt";
  return undefined;
}

function ownedDeletes(base: World, caller: Caller, steps: readonly Step[]): Step[] {
  if (caller.owner === "") return [];
  const named = new Set(steps.map(({ id }) => id));
  return base
    .ofOwner(caller.owner)
    .filter(({ id, going }) => !going && !named.has(id))
    .map((before) => ({
      change: { op: "delete", kind: before.kind, id: before.id },
      kind: base.model.kind(before.kind),
      id: before.id,
      action: "delete",
      before,
    }));
}

function withReplacements(steps: readonly Step[]): Step[] {
  const replacements = new Map(
    steps.flatMap((step) =>
      step.change.op === "create" && step.change.replaces ? [[step.change.replaces, step] as const] : [],
    ),
  );
  return steps.map((step) => {
    const replacedBy = step.action === "delete" ? replacements.get(step.id) : undefined;
    return replacedBy ? { ...step, replacedBy } : step;
  });
}

/** The step's object in words, as it is called in the world after the plan. */
export function stepName({ after, base }: Steps, step: Step): string {
  if (step.after) return nameOf(after, step.after);
  if (step.before) return nameOf(base, step.before);
  // It is gone: what the client says of it is all there is.
  return "object" in step.change && step.change.object ? nameIn(step.kind, step.change.object) : step.id;
}
