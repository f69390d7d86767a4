import { type GatewayApi, refuse } from "@modelgateway/core";
import { type Diagnostic, isRecord, model, type PlanRequest, type Verdict } from "@modelgateway/schema";
import { Book, library } from "../../core/src/testing/invented-model";
import { GuardProvider } from "./guard-provider";
import { KindProvider } from "./kind-provider";
import { type Declared, Engine } from "./testing/engine";

/** Answers plans as told, and writes as if they succeeded. */
class FakeGateway {
  readonly plans: { request: PlanRequest; owner: string }[] = [];
  diagnostics: Diagnostic[] = [];
  routes: Verdict["routes"] = { added: [], removed: [], moved: [] };
  isAway = false;
  #made = 0;

  connect = (): GatewayApi => ({
    gatewayId: "g",
    expectGateway: () => {},
    create: async (_kind, body) => ({ ...body, id: `id-${++this.#made}`, name: String(body.name) }),
    update: async (_kind, id, body) => ({ ...body, id, name: String(body.name) }),
    delete: async () => {},
    read: async () => undefined,
    close: async () => {},
    plan: async (request, owner) => {
      if (this.isAway)
        throw refuse(
          "unreachable",
          { endpoint: "http://g", problem: "The connection was refused" },
          { transient: true },
        );
      this.plans.push({ request, owner });
      const { diagnostics, routes } = this;
      return { revision: 1, ok: true, undecided: false, changes: [], blockers: [], diagnostics, routes };
    },
  });
}

let gateway: FakeGateway;
let engine: Engine;
let printed: string[];
beforeEach(() => {
  gateway = new FakeGateway();
  engine = new Engine(library, gateway.connect);
  printed = [];
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  jest.spyOn(console, "error").mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => jest.restoreAllMocks());

const book = (as: string, change: object = {}): Declared => ({
  kind: Book,
  as,
  args: { name: as, title: "T", shelf: "s", ...change },
});
const error: Diagnostic = { code: "has_dependents", severity: "error", summary: "S", detail: "D.", path: "" };
const warning: Diagnostic = { ...error, code: "api_unbound", severity: "warning" };

/** The changes of the last plan: what is done to which object. */
const lastChanges = () =>
  gateway.plans.at(-1)!.request.changes.map((change) => {
    const name = isRecord(change.object) ? String(change.object.name) : undefined;
    return [change.op, change.id, name].filter((part) => part !== undefined).join(" ");
  });

describe("the plan of a preview", () => {
  const cases: [what: string, program: Declared[], options: { replace?: string[] }, changes: string[]][] = [
    ["nothing changed", [book("a"), book("b")], {}, ["keep id-1 a", "keep id-2 b"]],
    ["a new resource", [book("a"), book("b"), book("c")], {}, ["keep id-1 a", "keep id-2 b", "create c"]],
    ["a changed one", [book("a"), book("b", { title: "U" })], {}, ["keep id-1 a", "update id-2 b"]],
    ["a removed one is the gateway's to find", [book("b")], {}, ["keep id-2 b"]],
    ["none left", [], {}, []],
    [
      "a fixed field changed",
      [book("a", { isbn: "1" }), book("b")],
      {},
      ["delete id-1", "create a", "keep id-2 b"],
    ],
    [
      "a forced replacement",
      [book("a"), book("b")],
      { replace: ["b"] },
      ["keep id-1 a", "delete id-2", "create b"],
    ],
  ];
  test.each(cases)("%s", async (_what, program, options, changes) => {
    await engine.run([book("a"), book("b")]);
    await engine.run(program, { ...options, phase: "preview" });
    expect(lastChanges()).toEqual(changes);
    expect(gateway.plans.at(-1)).toMatchObject({ owner: engine.owner, request: { owned: true } });
    expect(gateway.plans).toHaveLength(2);
  });

  test("a replacement says what it replaces", async () => {
    await engine.run([book("a")]);
    await engine.run([book("a")], { phase: "preview", replace: ["a"] });
    expect(gateway.plans.at(-1)!.request.changes).toMatchObject([{}, { replaces: "id-1", managedAs: "a" }]);
  });

  test("an update of a renamed stack takes over, its deletes too", async () => {
    await engine.run([book("a"), book("b")]);
    const before = engine.owner;
    engine.owner = "pulumi:acme/shop/renamed";
    await engine.run([book("a")], { phase: "preview" });
    expect(gateway.plans.at(-1)).toMatchObject({
      owner: engine.owner,
      request: {
        changes: [
          { op: "update", id: "id-1", takeOver: before },
          { op: "delete", id: "id-2", takeOver: before },
        ],
      },
    });
  });

  test("a question of the engine, asked without a check, is no change", async () => {
    await engine.run([book("a")]);
    const session = await engine.session();
    const { kind, id, inputs, outputs } = engine.state.get("a")!;
    const provider = new KindProvider(kind, session);
    await provider.diff(id, outputs, { ...inputs, title: "asked" });
    await provider.check(inputs, { ...book("a").args, managedBy: engine.owner, managedAs: "a" });
    await provider.diff(id, outputs, inputs);
    expect(session.journal.changes()).toMatchObject([{ op: "keep", id }]);
  });
});

test("an update has written everything by then: it is kept, and only deletes are left to judge", async () => {
  await engine.run([book("a"), book("b")]);
  await engine.run([book("a", { title: "U" }), book("c")]);
  expect(lastChanges()).toEqual(["keep id-1", "keep id-3"]);
});

describe("a refusal", () => {
  test("is a failure for each reason, and nothing is deleted", async () => {
    await engine.run([book("a")]);
    gateway.diagnostics = [error, { ...error, summary: "T" }, warning];
    expect(await engine.run([])).toEqual({ steps: [], failures: ["S. D.", "T. D."] });
    expect(printed).toEqual(["warning: S. D."]);
    expect(engine.state.size).toBe(1);
  });

  test("of a destroy comes before anything is deleted", async () => {
    await engine.run([book("a")]);
    gateway.diagnostics = [error];
    expect(await engine.destroy()).toEqual({ steps: [], failures: ["S. D."] });
    expect(gateway.plans.at(-1)).toEqual({ owner: engine.owner, request: { changes: [], owned: true } });
    expect(engine.state.size).toBe(1);
  });
});

describe("the mode", () => {
  test("warn tells and lets go on", async () => {
    gateway.diagnostics = [error, warning];
    expect(await engine.run([book("a")], { guard: "warn" })).toEqual({ steps: ["create a"], failures: [] });
    expect(printed).toEqual(["warning: S. D.", "warning: S. D."]);
  });

  test("off asks nothing", async () => {
    gateway.isAway = true;
    expect(await engine.run([book("a")], { guard: "off" })).toEqual({ steps: ["create a"], failures: [] });
    expect({ plans: gateway.plans, printed }).toEqual({ plans: [], printed: [] });
  });

  const away =
    /^Routes are shown, deletes and collisions are not verified\. The gateway at http:\/\/g cannot be reached: The connection was refused\. /;
  test("enforce refuses what cannot be verified (not_verified)", async () => {
    gateway.isAway = true;
    const { failures } = await engine.run([book("a")], { phase: "preview" });
    expect(failures).toEqual([expect.stringMatching(away)]);
  });

  test("warn only says that nothing is verified", async () => {
    gateway.isAway = true;
    expect(await engine.run([book("a")], { phase: "preview", guard: "warn" })).toMatchObject({
      failures: [],
    });
    expect(printed).toEqual([expect.stringMatching(/^warning: Routes are shown/)]);
  });

  test("of another name is an error", async () => {
    await expect(engine.run([], { guard: "sometimes" })).rejects.toThrow(/`enforce`, `warn`, `off`/);
  });
});

test("routes are printed, a line each", async () => {
  const route = {
    api: "q",
    name: "n",
    type: "t",
    method: "POST",
    path: "/a",
    forwardedPath: "/a",
    matchHeaders: [],
  };
  gateway.routes = {
    added: [route],
    removed: [],
    moved: [{ id: "r", api: "q", name: "n", from: route, to: { ...route, path: "/b", forwardedPath: "/a" } }],
  };
  await engine.run([], { phase: "preview" });
  expect(printed).toEqual(["+ POST /a  (q to no service)", expect.stringMatching(/^~ POST \/a -> POST \/b/)]);
});

test("its own state changes only with what is declared", async () => {
  const guard = new GuardProvider(await engine.session());
  const declared = [{ kind: model.kinds[0]!.kind, as: "a", id: "1" }];
  const state = { declared, managedBy: "o", gatewayId: "g" };
  expect(await guard.diff("guard", state, { declared: structuredClone(declared), managedBy: "o" })).toEqual({
    changes: false,
    replaces: [],
  });
  expect(await guard.diff("guard", state, { declared: [], managedBy: "o" })).toMatchObject({ changes: true });
  expect(await guard.create(state)).toEqual({ id: "modelgateway-guard", outs: state });
});
