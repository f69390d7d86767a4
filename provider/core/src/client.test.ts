import { ModelApi } from "@modelgateway/schema";
import { Client } from "./client";
import { Refusal } from "./refusal";
import { GATEWAY_ID, problem, type Scripted, ScriptedGateway, TOKEN } from "./testing/scripted-gateway";

const ID = "01890000000070008000000000000002";
const OTHER_GATEWAY = "01890000000070008000000000000009";
const OWNER = { managedBy: "pulumi:团队/shop/prod", managedAs: "ModelApi::qwen" };
const OBJECT = { id: ID, name: "qwen" };
const created: Scripted = { status: 201, body: OBJECT };
const found: Scripted = { status: 200, body: OBJECT };
const verdict: Scripted = { status: 200, body: { ok: true, diagnostics: [], routes: {} } };
const batch: Scripted = {
  status: 200,
  body: { revision: 1, items: [{ kind: "ModelApi", ref: ID, object: OBJECT }] },
};
const busy: Scripted = problem(503, ["unavailable"]);
const html: Scripted = { status: 503, body: "<h1>busy</h1>" };

let gateway: ScriptedGateway;
afterEach(() => gateway.close());

/** What each call does, by its name. */
const CALLS = {
  create: (client: Client) => client.create(ModelApi, { name: "qwen" }, OWNER),
  createUnnamed: (client: Client) => client.create(ModelApi, { name: "qwen" }, { ...OWNER, managedAs: "" }),
  update: (client: Client) => client.update(ModelApi, ID, { name: "qwen" }, OWNER),
  delete: (client: Client) => client.delete(ModelApi, ID, OWNER),
  read: (client: Client) => client.read(ModelApi, ID),
  plan: (client: Client) => client.plan({ changes: [] }, OWNER.managedBy),
} as const;
type Call = keyof typeof CALLS;

interface Outcome {
  readonly value?: unknown;
  readonly error?: Refusal;
  readonly calls: number;
}

async function outcome(call: Call, ...script: readonly Scripted[]): Promise<Outcome> {
  gateway = await ScriptedGateway.start(...script);
  const work: Promise<unknown> = CALLS[call](gateway.client);
  const result = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error as Refusal }),
  );
  return { ...result, calls: gateway.received.length };
}

describe("a request", () => {
  test("names its owner in percent-encoding, and the gateway once it is known", async () => {
    gateway = await ScriptedGateway.start(created, found);
    await CALLS.create(gateway.client);
    await CALLS.update(gateway.client);
    const [first, second] = gateway.received;
    expect(first).toMatchObject({
      method: "POST",
      url: "/v1/model-apis",
      body: { name: "qwen" },
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "x-managed-by": "pulumi%3A%E5%9B%A2%E9%98%9F%2Fshop%2Fprod",
        "x-managed-as": "ModelApi%3A%3Aqwen",
      },
    });
    expect(first!.headers).not.toHaveProperty("modelgateway-id");
    expect(second).toMatchObject({
      method: "PUT",
      url: `/v1/model-apis/${ID}`,
      headers: { "modelgateway-id": GATEWAY_ID },
    });
  });

  test("repeats what a delete must, and waits for the owner's own objects", async () => {
    gateway = await ScriptedGateway.start({ status: 204 });
    await gateway.client.delete(ModelApi, ID, OWNER, { confirm: { service: "a&b" }, takeOver: "pulumi:x" });
    expect(gateway.received).toMatchObject([
      { method: "DELETE", url: `/v1/model-apis/${ID}?whenFree=true&takeOver=pulumi%3Ax&service=a%26b` },
    ]);
  });

  test("without an owner says nothing of one", async () => {
    gateway = await ScriptedGateway.start(created);
    await gateway.client.create(ModelApi, {}, { managedBy: "", managedAs: "" });
    expect(Object.keys(gateway.received[0]!.headers).filter((name) => name.startsWith("x-"))).toEqual([]);
  });

  test("reads that arrive together are one", async () => {
    gateway = await ScriptedGateway.start({
      status: 200,
      body: { items: [{ object: OBJECT }, { object: null }, { object: { ...OBJECT, name: "b" } }] },
    });
    const reads = ["1", "2", "3"].map((ref) => gateway.client.read(ModelApi, ref));
    expect(await Promise.all(reads)).toEqual([OBJECT, undefined, { ...OBJECT, name: "b" }]);
    expect(gateway.received).toMatchObject([
      { url: "/v1/batch-get", body: { items: ["1", "2", "3"].map((ref) => ({ kind: "ModelApi", ref })) } },
    ]);
  });
});

describe("an answer", () => {
  const refused: [what: string, call: Call, script: Scripted[], code: string, message: RegExp][] = [
    [
      "with a problem document",
      "create",
      [problem(409, ["name_taken"])],
      "name_taken",
      /^summary of name_taken\. detail/,
    ],
    [
      "with several problems, a line each",
      "create",
      [problem(400, ["invalid_field", "missing_field"])],
      "invalid_field",
      /^summary of invalid_field.*\nsummary of missing_field.*$/,
    ],
    [
      "of HTML",
      "read",
      [{ status: 404, body: "<h1>no</h1>" }],
      "unexpected_answer",
      /404 without a problem document/,
    ],
    [
      "that redirects",
      "read",
      [{ status: 302, headers: { location: "http://evil" } }],
      "unexpected_answer",
      /redirects \(302\)/,
    ],
    [
      "of success that is HTML",
      "read",
      [{ status: 200, body: "<h1>ok</h1>" }],
      "unexpected_answer",
      /200 without a JSON document/,
    ],
    [
      "of no known gateway",
      "read",
      [{ ...batch, headers: { "modelgateway-id": "" } } as Scripted],
      "unexpected_answer",
      /names no gateway/,
    ],
    [
      "without what was asked for",
      "read",
      [{ status: 200, body: { items: [] } }],
      "unexpected_answer",
      /what was asked for/,
    ],
    ["that is no object", "update", [{ status: 200, body: { hello: 1 } }], "unexpected_answer", /no object/],
    ["that is no verdict", "plan", [{ status: 200, body: { hello: 1 } }], "unexpected_answer", /no verdict/],
  ];
  test.each(refused)("%s is refused", async (_what, call, script, code, message) => {
    const { error } = await outcome(call, ...script);
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ diagnostics: [{ code }, ...error!.diagnostics.slice(1)], stack: "" });
    expect(error!.message).toMatch(message);
    expect(JSON.stringify([error, error!.message])).not.toContain(TOKEN);
  });

  test("that a deleted object is missing counts as deleted, another 404 does not", async () => {
    expect(await outcome("delete", problem(404, ["not_found"]))).toEqual({ value: undefined, calls: 1 });
    await gateway.close();
    expect((await outcome("delete", problem(404, ["no_such_path"]))).error).toBeInstanceOf(Refusal);
  });

  test("of another gateway than before is refused, and so is a state of another", async () => {
    gateway = await ScriptedGateway.start(found, {
      ...found,
      headers: { "modelgateway-id": OTHER_GATEWAY },
    } as Scripted);
    await CALLS.update(gateway.client);
    const message = `The address leads to another gateway. The state belongs to gateway ${GATEWAY_ID}, but gateway ${OTHER_GATEWAY} answers. Point the endpoint at the gateway that holds these objects.`;
    await expect(CALLS.update(gateway.client)).rejects.toThrow(message);
    expect(() => gateway.client.expectGateway(OTHER_GATEWAY)).toThrow(/another gateway/);
    gateway.client.expectGateway(GATEWAY_ID);
  });
});

describe("after a fault", () => {
  const cases: [call: Call, fault: Scripted, then: Scripted, isRepeated: boolean][] = [
    ["create", busy, created, true],
    ["create", html, created, true],
    ["create", "cut", created, true],
    // Without a logical name nobody could tell the object that the first call made from somebody else's.
    ["createUnnamed", busy, created, true],
    ["createUnnamed", html, created, false],
    ["createUnnamed", "cut", created, false],
    ["createUnnamed", problem(409, ["reference_missing"]), created, true],
    ["update", busy, found, true],
    ["update", "cut", found, true],
    ["update", problem(429, ["unavailable"]), found, true],
    ["update", problem(500, ["internal_error"]), found, false],
    ["update", problem(409, ["reference_missing"]), found, true],
    ["update", problem(409, ["reference_missing", "route_taken"]), found, true],
    ["update", problem(409, ["route_taken"]), found, false],
    ["create", problem(409, ["name_taken"]), created, false],
    ["create", problem(409, ["already_bound"]), created, false],
    ["delete", "cut", problem(404, ["not_found"]), true],
    ["delete", problem(409, ["has_dependents"], [{ managedBy: OWNER.managedBy }]), { status: 204 }, true],
    [
      "delete",
      problem(409, ["has_dependents"], [{ managedBy: OWNER.managedBy }, {}]),
      { status: 204 },
      false,
    ],
    ["delete", problem(409, ["has_dependents"]), { status: 204 }, false],
    ["read", "cut", batch, true],
    ["read", busy, batch, true],
    ["plan", "cut", verdict, true],
    ["plan", problem(403, ["unauthenticated"]), verdict, false],
  ];
  test.each(cases)("%s %j is sent again: %#", async (call, fault, then, isRepeated) => {
    const { calls, error } = await outcome(call, fault, then);
    expect({ calls, failed: error !== undefined }).toEqual({
      calls: isRepeated ? 2 : 1,
      failed: !isRepeated,
    });
  });

  const limits: [what: string, call: Call, fault: Scripted, seconds: number][] = [
    ["a gateway that is away", "update", busy, 30],
    ["a gateway that is away when a plan is asked for", "plan", busy, 8],
    ["a reference that an apply is about to write", "create", problem(409, ["reference_missing"]), 60],
  ];
  test.each(limits)("%s is waited for, then the refusal is told", async (_what, call, fault, seconds) => {
    const { error } = await outcome(call, fault);
    const waited = gateway.pauses.reduce((sum, ms) => sum + ms, 0) / 1_000;
    expect(error).toBeInstanceOf(Refusal);
    expect(waited).toBeGreaterThan(seconds - 3);
    expect(waited).toBeLessThanOrEqual(seconds);
  });

  test("the pauses grow from milliseconds, and respect what the gateway asks for", async () => {
    const asking = problem(503, ["unavailable"], [], { "retry-after": "3" });
    await outcome("update", busy, busy, busy, asking, found);
    expect(gateway.pauses).toEqual([37.5, 75, 150, 3_000]);
  });

  test("nobody at the address is told as such, without the token", async () => {
    gateway = await ScriptedGateway.start(found);
    let now = 0;
    const clock = { now: () => (now += 3_600_000), random: () => 0, pause: async () => {} };
    const alone = new Client({ endpoint: "http://127.0.0.1:1", token: TOKEN, clock });
    await expect(CALLS.read(alone)).rejects.toThrow(
      "The gateway at http://127.0.0.1:1 cannot be reached. The connection was refused. Check the endpoint, the network and that the gateway runs.",
    );
    await expect(CALLS.read(alone)).rejects.toMatchObject({ diagnostics: [{ code: "unreachable" }] });
  });
});
