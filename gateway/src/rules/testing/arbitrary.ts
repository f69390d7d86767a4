import { check, type Model, model, type Values } from "@modelgateway/schema";
import fc from "fast-check";
import { type Caller, type Change, MemoryWorld, namedFields, type Stored } from "..";
import { writeOne } from "./engine";

/** A small random world, and changes to it by one caller. */
export interface Scenario {
  readonly world: MemoryWorld;
  readonly caller: Caller;
  readonly changes: readonly Change[];
}

const OWNERS = ["", "pulumi:org/shop/dev", "terraform:team-b"];
const HOSTS = ["one.example", "two.example"];

/** Names come from a tiny alphabet, so that they clash. */
const name = fc.constantFrom("a", "b", "c");
const some = <T>(arbitrary: fc.Arbitrary<T>, most: number) => fc.uniqueArray(arbitrary, { maxLength: most });

/** The fields of one kind, as far as a rule reads them; the rest keeps its default. */
const BODIES: Readonly<Record<string, fc.Arbitrary<Values>>> = {
  ModelApi: fc.record({
    name,
    scene: fc.constant("TextGeneration"),
    requestProtocol: fc.constant("OpenAI"),
    basePath: fc.constantFrom("", "/x", "/y"),
    routes: fc.constantFrom(["chat-completions"], ["chat-completions", "models"], ["models"]),
    matchHeaders: fc.constantFrom([], [{ name: "tier", value: "gold" }], [{ name: "tier", value: "tin" }]),
    deletionProtection: fc.constantFrom(false, false, false, true),
  }),
  ModelService: fc.record({
    name,
    modelProvider: fc.constant("Custom"),
    protocol: fc.constant("OpenAI/v1"),
    upstreamUrl: fc.constantFrom(...HOSTS.map((host) => `https://${host}`)),
    upstreamUrlMode: fc.constantFrom("AutoConcat", "AutoConcat", "FixedPath"),
    keys: some(name, 2),
    fallbackServices: some(name, 2),
  }),
  ModelKey: fc.record({
    name,
    valueFrom: fc.constant("env:MODELGATEWAY_KEY_A"),
    allowedHosts: fc.oneof(fc.constant([]), some(fc.constantFrom(...HOSTS), 2)),
  }),
  ModelApiBinding: fc.record({ api: name, service: name }),
};

const object = fc
  .constantFrom("ModelApi", "ModelService", "ModelService", "ModelKey", "ModelApiBinding", "ModelApiBinding")
  .chain((kind) => BODIES[kind]!.map((body) => ({ kind, body })));

/** How one change is drawn: the object it picks is known only when the world stands. */
const draw = fc.record({
  op: fc.constantFrom("create", "update", "update", "delete", "delete", "replace"),
  pick: fc.nat(20),
  object,
  /** Which of the drawn fields an update changes; the others stay. */
  changed: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  option: fc.constantFrom("none", "none", "none", "adopt", "force", "resume", "takeOver"),
});
type Draw = typeof draw extends fc.Arbitrary<infer D> ? D : never;

export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    seeds: fc.array(fc.record({ object, owner: fc.nat(2) }), { minLength: 2, maxLength: 9 }),
    goings: fc.array(fc.nat(20), { maxLength: 1 }),
    owner: fc.constantFrom(OWNERS[1]!, OWNERS[1]!, OWNERS[1]!, OWNERS[0]!),
    draws: fc.array(draw, { minLength: 1, maxLength: 4 }),
  })
  .map(({ seeds, goings, owner, draws }) => {
    const world = grow(seeds, goings);
    const caller = { owner };
    const drawn = { world, caller, changes: changesOf(world, caller, draws) };
    return { ...drawn, [fc.toStringMethod]: () => describeScenario(drawn) };
  });

/** A world that the gateway itself has let in, so that it breaks no rule. */
function grow(
  seeds: readonly { object: { kind: string; body: Values }; owner: number }[],
  goings: readonly number[],
) {
  const world = new MemoryWorld(model);
  for (const [
    at,
    {
      object: { kind, body },
      owner,
    },
  ] of seeds.entries()) {
    const caller = { owner: OWNERS[owner]! };
    const managedAs = caller.owner ? `old-${at}` : "";
    writeOne(world, caller, { op: "create", kind, object: normal(kind, body), managedAs }, -at - 1);
  }
  for (const pick of goings) {
    const stored = at([...world.all()], pick);
    if (stored)
      writeOne(world, { owner: stored.managedBy }, { op: "delete", kind: stored.kind, id: stored.id }, -99);
  }
  return world;
}

function changesOf(world: MemoryWorld, caller: Caller, draws: readonly Draw[]): Change[] {
  const free = [...world.all()];
  return draws.flatMap((one, index): Change[] => {
    const { kind, body } = one.object;
    if (one.op === "create") return [create(world, caller, one, index, kind, normal(kind, body))];
    const [stored] = free.splice(one.pick % Math.max(free.length, 1), 1);
    if (!stored) return [];
    const { id } = stored;
    const takeOver = one.option === "takeOver" ? { takeOver: true as const } : {};
    const gone: Change = { op: "delete", kind: stored.kind, id, ...takeOver };
    if (one.op === "delete") return [gone];
    const edited = edit(world, stored, one);
    if (one.op === "update") return [{ op: "update", kind: stored.kind, id, object: edited, ...takeOver }];
    const again: Change = {
      op: "create",
      kind: stored.kind,
      object: edited,
      managedAs: stored.managedAs,
      replaces: id,
    };
    return [gone, again];
  });
}

function create(
  world: MemoryWorld,
  caller: Caller,
  one: Draw,
  index: number,
  kind: string,
  object: Values,
): Change {
  const managedAs = caller.owner ? `new-${index}` : "";
  if (one.option === "adopt") return { op: "create", kind, object, managedAs, adopt: true };
  if (one.option === "force") return { op: "create", kind, object, managedAs, adopt: "force" };
  const twin = [...world.all()].find((stored) => stored.kind === kind && stored.fields.name === object.name);
  if (one.option === "resume" && twin) return { op: "create", kind, object, managedAs: twin.managedAs };
  return { op: "create", kind, object, managedAs };
}

/** The stored object with some of its fields changed to drawn ones of the same kind. */
function edit(world: MemoryWorld, stored: Stored, one: Draw): Values {
  const fields = namedFields(world, stored);
  if (one.object.kind !== stored.kind) return fields;
  const drawn = Object.entries(one.object.body).filter((_, at) => one.changed[at % one.changed.length]);
  return normal(stored.kind, { ...fields, ...Object.fromEntries(drawn) });
}

function normal(kind: string, body: Values): Values {
  return check(model.kind(kind), body).fields;
}

const at = <T>(items: readonly T[], pick: number): T | undefined => items[pick % Math.max(items.length, 1)];

/** A scenario in words, for a failure. */
export function describeScenario({ world, caller, changes }: Scenario): string {
  const objects = [...world.all()].map(
    (one) =>
      `  ${one.id} ${one.kind} owner=${one.managedBy || "-"}${one.going ? " GOING" : ""} ${short(one.kind, namedFields(world, one), world.model)}`,
  );
  const lines = changes.map((change, index) => {
    const { op, kind, ...rest } = change;
    const { object: body, ...more } = rest as { object?: Values };
    return `  ${index}: ${op} ${kind} ${JSON.stringify(more)} ${body ? short(kind, body, world.model) : ""}`;
  });
  return [`caller ${caller.owner || "-"}`, "world", ...objects, "changes", ...lines].join("\n");
}

/** Only what differs from the default. */
function short(kind: string, fields: Values, schema: Model): string {
  const told = Object.entries(fields).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(schema.kind(kind).fields[field]?.default),
  );
  return JSON.stringify(Object.fromEntries(told));
}
