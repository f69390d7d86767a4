import {
  annotationsOf,
  isRequired,
  type Kind,
  model,
  referenceFields,
  type Values,
} from "@modelgateway/schema";
import * as pulumi from "@pulumi/pulumi";
import * as gateway from ".";
import { currentProgram } from "./program";
import { provider } from "./provider";
import { referenceNames } from "./references";
import type { GatewayResource } from "./resource";

/** A registered resource, as the engine hears of it. */
interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Values;
}

let registered: Registered[];

/** The engine hands secrets to a provider as they are; mocks get them wrapped. */
const plain = (inputs: Values): Values =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const isWrapped =
        typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
      return [name, isWrapped ? (value as unknown as { value: unknown }).value : value];
    }),
  );

/** Plays the engine: each resource gets what the provider's check makes of it. */
class Mocks implements pulumi.runtime.Mocks {
  async newResource({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
    registered.push({ type, name, inputs });
    const [, kind] = /^pulumi-nodejs:dynamic\/modelgateway:(\w+)$/.exec(type) ?? [];
    if (kind === undefined || kind === "DeletionGuard") return { id: `${name}-id`, state: inputs };
    const engine = provider(kind);
    await engine.configure?.({ config: { get: () => undefined, require: () => "" } });
    const result = await engine.check!({}, plain(inputs));
    if (result.failures) throw new Error(result.failures.map(({ reason }) => reason).join("\n"));
    return { id: `${name}-id`, state: result.inputs as Values };
  }

  async call() {
    return {};
  }
}

beforeEach(async () => {
  registered = [];
  await pulumi.runtime.setMocks(new Mocks(), "shop", "prod", false, "acme");
});

const valueIn = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
const inputsOf = (name: string): Values => registered.find((one) => one.name === name)!.inputs;

const apiArgs = { scene: "TextGeneration", requestProtocol: "OpenAI", basePath: "/qwen" } as const;
const serviceArgs = {
  modelProvider: "DeepSeek",
  protocol: "OpenAI/v1",
  upstreamUrl: "https://api.deepseek.com",
} as const;

type AnyClass = new (name: string, args: object, options?: pulumi.CustomResourceOptions) => GatewayResource;
const classOf = (kind: Kind): AnyClass => (gateway as unknown as Record<string, AnyClass>)[kind.kind]!;

/** Arguments that a kind accepts, from its schema alone. */
function smallestArgs(kind: Kind): Record<string, unknown> {
  const required = Object.entries(kind.fields).filter(
    ([name, schema]) => isRequired(schema) && name !== "name",
  );
  const args = required.map(([name, schema]) => {
    const isUrl = String(schema.pattern ?? "").startsWith("^https?");
    return [name, schema.enum?.[0] ?? (isUrl ? "https://upstream.example" : "sample")];
  });
  return { ...Object.fromEntries(args), ...("value" in kind.fields && { value: "secret-0123456789" }) };
}

describe.each(model.kinds.map((kind) => [kind.kind, kind] as const))("%s", (_name, kind) => {
  test("is registered under its type, with the constant text and its owner", async () => {
    const resource = new (classOf(kind))("it", smallestArgs(kind));
    await valueIn(resource.urn);
    expect(registered).toMatchObject([
      {
        type: `pulumi-nodejs:dynamic/modelgateway:${kind.kind}`,
        inputs: {
          __provider: `exports.handler=()=>require("@modelgateway/pulumi/provider").provider("${kind.kind}")`,
          managedBy: "pulumi:acme/shop/prod",
          managedAs: `pulumi-nodejs:dynamic/modelgateway:${kind.kind}::it`,
        },
      },
    ]);
  });

  test("has an output for every field that is not secret, with its default", async () => {
    const resource = new (classOf(kind))("it", smallestArgs(kind)) as unknown as Record<
      string,
      pulumi.Output<unknown>
    >;
    for (const [field, schema] of Object.entries(kind.fields)) {
      if (annotationsOf(schema).writeOnly) continue;
      expect(pulumi.Output.isInstance(resource[field])).toBe(true);
      expect(await valueIn(resource[field]!)).toBeDefined();
    }
  });

  for (const { field, list, reference } of referenceFields(kind)) {
    test(`\`${field}\` takes a resource, a name, or what will be one of these`, async () => {
      const target = model.kind(reference.kind);
      const resource = new (classOf(target))("target", { ...smallestArgs(target), name: "called" });
      const given = {
        resource,
        name: "called",
        output: pulumi.output(resource),
        promise: Promise.resolve(resource),
        later: pulumi.output("called"),
      };
      for (const [how, one] of Object.entries(given)) {
        const args = { ...smallestArgs(kind), [field]: list ? [one] : one };
        await valueIn(new (classOf(kind))(how, args).urn);
        expect(inputsOf(how)[field]).toEqual(list ? ["called"] : "called");
      }
    });
  }
});

test("an object is called as its resource, unless it is given a name", async () => {
  const byResource = new gateway.ModelApi("qwen", apiArgs);
  const byArgument = new gateway.ModelApi("logical", { ...apiArgs, name: "named" });
  expect(await Promise.all([byResource.name, byArgument.name].map(valueIn))).toEqual(["qwen", "named"]);
});

test("an API's routes are known from its arguments", async () => {
  const { generatedRoutes } = new gateway.ModelApi("qwen", { ...apiArgs, stripBasePath: true });
  expect(await valueIn(generatedRoutes)).toEqual([
    {
      name: "chat-completions",
      type: "TextGeneration",
      method: "POST",
      path: "/qwen/v1/chat/completions",
      forwardedPath: "/v1/chat/completions",
    },
  ]);
});

describe("the dependency on what is referred to", () => {
  const dependenciesOf = async (output: unknown): Promise<unknown[]> => [
    ...(await (output as { allResources(): Promise<Set<pulumi.Resource>> }).allResources()),
  ];

  test("comes with a resource, and with the name that an earlier one declares", async () => {
    const service = new gateway.ModelService("deepseek", serviceArgs);
    for (const given of [service, "deepseek", pulumi.output(service)]) {
      const { service: name } = referenceNames(
        model.kind("ModelApiBinding"),
        { service: given },
        currentProgram(),
      );
      expect(await dependenciesOf(name)).toContain(service);
    }
    const { service: other } = referenceNames(
      model.kind("ModelApiBinding"),
      { service: "elsewhere" },
      currentProgram(),
    );
    expect(other).toBe("elsewhere");
  });
});

test("a resource of another kind is refused, without a stack", () => {
  const api = new gateway.ModelApi("qwen", apiArgs);
  const wrong = () =>
    new gateway.ModelApiBinding("b", { api, service: api as unknown as gateway.ModelService });
  expect(wrong).toThrow("ModelApiBinding.service takes a ModelService or the name of one, not a ModelApi.");
});

test("a secret is marked as one, however it is given", async () => {
  const isSecret = (value: unknown) => (value as { isSecret: Promise<boolean> }).isSecret;
  const spy = jest.spyOn(pulumi, "secret");
  const key = new gateway.ModelKey("k", { value: "plain-0123456789" });
  expect(await isSecret(spy.mock.results[0]!.value)).toBe(true);
  expect(await valueIn(key.fingerprint)).toMatch(/^v1\.[0-9a-f]{16}\.[0-9a-f]{20}$/);
});

test("a component's type is part of its children's logical names", async () => {
  const team = new pulumi.ComponentResource("acme:index:Team", "red");
  const inner = new pulumi.ComponentResource("acme:index:Inner", "inner", {}, { parent: team });
  const api = new gateway.ModelApi("qwen", apiArgs, { parent: inner });
  await valueIn(api.urn);
  expect(inputsOf("qwen").managedAs).toBe(
    "acme:index:Team$acme:index:Inner$pulumi-nodejs:dynamic/modelgateway:ModelApi::qwen",
  );
});

describe("an inline program", () => {
  const guardIsRegistered = async () => {
    while (!registered.some(({ name }) => name === "modelgateway-guard")) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  test("ends with the guard, which depends on all it declares, in a fixed order", async () => {
    const program = gateway.guarded(async () => {
      new gateway.ModelService("z", serviceArgs);
      new gateway.ModelApi("a", apiArgs);
      return { done: true };
    });
    expect(await program()).toEqual({ done: true });
    await guardIsRegistered();
    expect(registered.at(-1)).toMatchObject({
      type: "pulumi-nodejs:dynamic/modelgateway:DeletionGuard",
      name: "modelgateway-guard",
      inputs: {
        __provider: 'exports.handler=()=>require("@modelgateway/pulumi/provider").provider("DeletionGuard")',
        managedBy: "pulumi:acme/shop/prod",
        declared: [
          { kind: "ModelApi", as: "pulumi-nodejs:dynamic/modelgateway:ModelApi::a", id: "a-id" },
          { kind: "ModelService", as: "pulumi-nodejs:dynamic/modelgateway:ModelService::z", id: "z-id" },
        ],
      },
    });
  });

  test("is guarded without a resource, and not at all where it fails", async () => {
    await gateway.guarded(() => undefined)();
    await guardIsRegistered();
    expect(registered.map(({ name }) => name)).toEqual(["modelgateway-guard"]);

    await pulumi.runtime.setMocks(new Mocks(), "shop", "prod", false, "acme");
    registered = [];
    const failing = gateway.guarded(() => {
      throw new Error("boom");
    });
    await expect(failing()).rejects.toThrow("boom");
    expect(registered).toEqual([]);
  });

  test("cannot declare anything after its end", async () => {
    await gateway.guarded(() => undefined)();
    expect(() => new gateway.ModelApi("late", apiArgs)).toThrow(
      'ModelApi "late" is declared after the program\'s end, too late for the deletion guard.',
    );
  });
});
