import { type GatewayApi, Refusal, refuse } from "@modelgateway/core";
import { isRequired, model, type Values } from "@modelgateway/schema";
import { Book, library } from "../../core/src/testing/invented-model";
import { KindProvider } from "./kind-provider";
import { provider } from "./provider";
import { Session } from "./session";
import { UNKNOWN } from "./unknowns";

const SECRET = "secret-0123456789";
const ID = "01890000000070008000000000000002";
const OWNER = { managedBy: "pulumi:acme/shop/prod", managedAs: "it" };
const ARGS = { ...OWNER, name: "b", title: "T", shelf: "s", value: SECRET };

/** Every call of the gateway is refused, but for those that a test answers. */
function refusingGateway(answers: Partial<GatewayApi> = {}): GatewayApi {
  const no = async (): Promise<never> => {
    throw refuse("unavailable", { problem: "The test has no answer" });
  };
  return {
    gatewayId: "g",
    expectGateway: () => {},
    create: no,
    update: no,
    delete: no,
    read: no,
    plan: no,
    close: async () => {},
    ...answers,
  };
}

function setUp(
  answers: Partial<GatewayApi> = {},
  environment: NodeJS.ProcessEnv = { MODELGATEWAY_ENDPOINT: "http://a", MODELGATEWAY_TOKEN: "t" },
) {
  const session = new Session({ environment, connect: () => refusingGateway(answers) });
  const books = new KindProvider(Book, session);
  session.configure(() => undefined);
  return { session, books };
}

const written = { id: ID, name: "b", title: "T", shelf: "s", fingerprint: "v1.x.y" };

describe("check", () => {
  test("needs no gateway, and shows what derives from the arguments", async () => {
    const { books } = setUp({}, {});
    const { inputs, failures } = await books.check({}, ARGS);
    expect(failures).toBeUndefined();
    expect(inputs).toMatchObject({
      ...OWNER,
      slug: "en-T",
      pages: 1,
      fingerprint: expect.stringMatching(/^v1\./),
    });
  });

  test("names no property in a failure: the engine would print its value", async () => {
    const { books } = setUp();
    const result = await books.check({}, { ...ARGS, value: "short", pages: 0 });
    expect(result.failures).toEqual([
      { property: "", reason: expect.stringMatching(/^Book\/b: `pages` is not valid \(at \/pages\)\./) },
      { property: "", reason: expect.stringMatching(/^Book\/b: `value` is not valid \(at \/value\)\./) },
    ]);
    expect(JSON.stringify(result)).not.toContain('"short"');
  });

  test.each([...model.kinds, ...library.kinds].map((kind) => [kind.kind, kind] as const))(
    "%s: what is not known yet stays computed, and so does what derives from it",
    async (_name, kind) => {
      const fields = Object.keys(kind.fields).filter((field) => isRequired(kind.fields[field]!));
      const unknown = Object.fromEntries(fields.map((field) => [field, UNKNOWN]));
      const secret = "value" in kind.fields ? { value: UNKNOWN } : {};
      const result = await new KindProvider(kind, setUp().session).check(
        {},
        { ...OWNER, ...unknown, ...secret },
      );
      expect(result.failures).toBeUndefined();
      expect(result.inputs).toMatchObject({ ...OWNER, ...unknown });
      for (const field of [
        ...Object.keys(kind.derived ?? {}),
        ...("value" in kind.fields ? ["fingerprint"] : []),
      ]) {
        expect(result.inputs).toHaveProperty(field, UNKNOWN);
      }
    },
  );

  test("an unknown element or member stays computed where it is", async () => {
    const { books } = setUp();
    const { inputs } = await books.check({}, { ...ARGS, authors: ["a", UNKNOWN], size: { width: UNKNOWN } });
    expect(inputs).toMatchObject({ authors: ["a", UNKNOWN], size: { width: UNKNOWN, height: 200 } });
  });
});

describe("diff", () => {
  const changes: [what: string, change: Record<string, unknown>, result: object][] = [
    ["nothing", {}, { changes: false, replaces: [] }],
    ["a field", { title: "U" }, { changes: true, replaces: [] }],
    ["what is fixed", { isbn: "1" }, { changes: true, replaces: ["isbn"] }],
    ["what is fixed, to something unknown", { isbn: UNKNOWN }, { changes: true, replaces: ["isbn"] }],
    ["the owner", { managedBy: "pulumi:acme/shop/renamed" }, { changes: true, replaces: [] }],
    ["the logical name", { managedAs: "parent$it" }, { changes: true, replaces: [] }],
  ];
  test.each(changes)("%s", async (_what, change, result) => {
    const { books } = setUp();
    const { inputs } = await books.check({}, ARGS);
    const olds = { ...inputs, gatewayId: "g" };
    expect(await books.diff(ID, olds, { ...inputs, ...change })).toEqual({
      ...result,
      deleteBeforeReplace: true,
    });
  });
});

describe("create", () => {
  test("sends the secret that check put aside, and keeps it nowhere", async () => {
    const create = jest.fn(async () => written);
    const { books } = setUp({ create });
    const { inputs } = await books.check({}, ARGS);
    const { id, outs } = await books.create(inputs as Values);
    expect(create).toHaveBeenCalledWith(Book, expect.objectContaining({ value: SECRET, title: "T" }), OWNER);
    expect({ id, outs }).toMatchObject({
      id: ID,
      outs: { ...OWNER, gatewayId: "g", title: "T", slug: "en-T" },
    });
    expect(JSON.stringify([inputs, outs])).not.toContain(SECRET);
  });

  test("says what to do where the secret did not reach this process", async () => {
    const { inputs } = await setUp().books.check({}, ARGS);
    await expect(setUp().books.create(inputs as Values)).rejects.toThrow(
      "Book/b: its `value` did not reach this process, and nothing was written. Run the command again.",
    );
  });

  test("refuses a name that this process has created, and does not delete what it has created", async () => {
    const remove = jest.fn(async () => {});
    const { books } = setUp({ create: async () => written, delete: remove });
    const { inputs } = await books.check({}, ARGS);
    await books.create(inputs as Values);
    await expect(books.create(inputs as Values)).rejects.toThrow(/^Book\/b exists already/);
    await books.delete(ID, inputs as Values);
    expect(remove).not.toHaveBeenCalled();
  });
});

describe("update", () => {
  const cases: [what: string, olds: object, secret: object, takeOver: string][] = [
    ["an unchanged secret stays where it is", {}, {}, ""],
    ["a changed secret is sent", { fingerprint: "v1.0123456789abcdef.0" }, { value: SECRET }, ""],
    [
      "a renamed stack takes over and sends its secret",
      { managedBy: "pulumi:old" },
      { value: SECRET },
      "pulumi:old",
    ],
  ];
  test.each(cases)("%s", async (_what, olds, secret, takeOver) => {
    const update = jest.fn(async () => written);
    const { books } = setUp({ update });
    const { inputs } = await books.check({}, ARGS);
    await books.update(ID, { ...inputs, ...olds }, inputs as Values);
    const [, , body] = update.mock.calls[0] as unknown as [unknown, unknown, { value?: string }];
    expect(body.value === undefined ? {} : { value: body.value }).toEqual(secret);
    expect(update).toHaveBeenCalledWith(Book, ID, expect.anything(), OWNER, takeOver);
  });
});

describe("read", () => {
  const state = { ...ARGS, gatewayId: "g" };

  test("of what is gone says so", async () => {
    const { books } = setUp({ read: async () => undefined });
    expect(await books.read(ID, state)).toEqual({ id: "", props: {} });
  });

  test("of an object that a program asks for by its id, and that is not there, fails", async () => {
    const { books } = setUp({ read: async () => undefined });
    const asked = books.read(ID, { __provider: "exports.handler=…" });
    await expect(asked).rejects.toThrow(`Book/${ID} does not exist`);
  });

  test("answers inputs without what the gateway adds", async () => {
    const { books } = setUp({ read: async () => ({ ...written, revision: 7 }) });
    const { props, inputs } = await books.read(ID, state);
    expect(props).toMatchObject({ ...OWNER, title: "T", gatewayId: "g" });
    expect(props).not.toHaveProperty("revision");
    expect(inputs).not.toHaveProperty("gatewayId");
  });
});

test("an error is short: no stack, no class name", async () => {
  const error = await setUp()
    .books.create(ARGS)
    .catch((reason: unknown) => reason as Error);
  expect(`${(error as Error).stack}${String(error)}`).toBe(
    "The gateway cannot answer now. The test has no answer. Try again in a moment.",
  );
  expect(error).not.toBeInstanceOf(Refusal);
});

test("a fault of the library is told as one", async () => {
  const read = async (): Promise<never> => {
    throw new TypeError("x is not a function");
  };
  await expect(setUp({ read }).books.read(ID, ARGS)).rejects.toThrow(
    "modelgateway: TypeError: x is not a function",
  );
});

test("nothing is asked of the gateway before the engine has passed its configuration", async () => {
  const session = new Session({ environment: {} });
  const books = new KindProvider(Book, session);
  const checking = books.check({}, ARGS).then(() => "checked");
  expect(await Promise.race([checking, new Promise((resolve) => setTimeout(resolve, 20, "waiting"))])).toBe(
    "waiting",
  );
  await books.configure({ config: { get: () => undefined, require: () => "" } });
  expect(await checking).toBe("checked");
});

test("without an endpoint, whatever needs the gateway names the ways to set one", async () => {
  const { books } = setUp({}, {});
  await expect(books.delete(ID, ARGS)).rejects.toThrow(/`modelgateway:endpoint`.*`MODELGATEWAY_ENDPOINT`/);
});

test.each([...model.kinds.map(({ kind }) => kind), "DeletionGuard"])(
  "%s has a provider by its name",
  (name) => {
    expect(provider(name)).toMatchObject({ check: expect.any(Function), diff: expect.any(Function) });
  },
);
