import {
  annotationsOf,
  type Kind,
  type Model,
  model,
  referenceFields,
  type Values,
} from "@modelgateway/schema";
import { smallestBody } from "../../../gateway/src/control/testing/bodies";
import type { TestGateway } from "../../../gateway/src/control/testing/gateway";
import { library } from "../../core/src/testing/invented-model";
import type { Declared, Engine } from "./testing/engine";
import { startEngine } from "./testing/test-gateway";

let gateway: TestGateway;
let engine: Engine;
beforeEach(() => {
  jest.spyOn(console, "log").mockImplementation();
  jest.spyOn(console, "error").mockImplementation();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.close();
});

const SECRET = "sk-0123456789abcdef";

const everyKind = [model, library].flatMap((served) =>
  served.kinds.map((kind): [string, Kind, Model] => [kind.kind, kind, served]),
);

describe.each(everyKind)("%s", (_name, kind, served) => {
  let args: Values;
  const declared = (change: Values = {}): Declared[] => [{ kind, as: "it", args: { ...args, ...change } }];
  beforeEach(async () => {
    ({ gateway, engine } = await startEngine(served));
    args = await smallestBody(gateway, served, kind);
  });

  test("is created, left alone, updated, refreshed and destroyed; every second run does nothing", async () => {
    expect(await engine.run(declared(), { phase: "preview" })).toEqual({
      steps: ["create it"],
      failures: [],
    });
    expect(await engine.run(declared())).toEqual({ steps: ["create it"], failures: [] });
    expect(await engine.run(declared())).toEqual({ steps: [], failures: [] });

    const changed = declared({ description: "changed" });
    expect(await engine.run(changed)).toEqual({ steps: ["update it"], failures: [] });
    expect(await engine.run(changed)).toEqual({ steps: [], failures: [] });

    const before = engine.state.get("it");
    await engine.refresh();
    expect(engine.state.get("it")).toEqual(before);

    expect(await engine.destroy()).toEqual({ steps: ["delete it"], failures: [] });
    expect(engine.state.size).toBe(0);
  });

  test("is deleted when it leaves the program", async () => {
    await engine.run(declared());
    expect(await engine.run([])).toEqual({ steps: ["delete it"], failures: [] });
    expect(await engine.run([])).toEqual({ steps: [], failures: [] });
  });

  test("comes back from drift", async () => {
    await engine.run(declared());
    const path = `/v1/${kind.plural}/${engine.state.get("it")!.id}`;
    const { body } = await gateway.call("GET", path);
    await gateway.call("PUT", path, { ...body, description: "by hand" });
    expect(await engine.run(declared())).toMatchObject({ steps: [] });

    await engine.refresh();
    expect(engine.state.get("it")!.inputs.description).toBe("by hand");
    expect(await engine.run(declared())).toEqual({ steps: ["update it"], failures: [] });
    expect((await gateway.call("GET", path)).body.description).toBe("");
  });

  test("is created again when it was deleted by hand", async () => {
    await engine.run(declared());
    const { id, outputs } = engine.state.get("it")!;
    const confirm = referenceFields(kind).filter((reference) => reference.confirm);
    const query = confirm.map(({ field }) => `?${field}=${outputs[field]}`).join("");
    expect(await gateway.call("DELETE", `/v1/${kind.plural}/${id}${query}`)).toMatchObject({ status: 204 });
    await engine.refresh();
    expect(await engine.run(declared())).toEqual({ steps: ["create it"], failures: [] });
  });

  test("is replaced by force, and nothing is left over", async () => {
    await engine.run(declared());
    const forced = { replace: ["it"] };
    expect(await engine.run(declared(), { ...forced, phase: "preview" })).toEqual({
      steps: ["replace it"],
      failures: [],
    });
    expect(await engine.run(declared(), forced)).toEqual({ steps: ["replace it"], failures: [] });
    expect(await engine.run(declared())).toEqual({ steps: [], failures: [] });
    const { body } = await gateway.call("GET", `/v1/${kind.plural}?managedBy=${engine.owner}`);
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([engine.state.get("it")!.id]);
  });

  test("follows its stack to another name", async () => {
    await engine.run(declared());
    engine.owner = "pulumi:acme/shop/renamed";
    expect(await engine.run(declared(), { phase: "preview" })).toEqual({
      steps: ["update it"],
      failures: [],
    });
    expect(await engine.run(declared())).toEqual({ steps: ["update it"], failures: [] });
    expect(await engine.run(declared())).toEqual({ steps: [], failures: [] });
    const { body } = await gateway.call("GET", `/v1/${kind.plural}/${engine.state.get("it")!.id}`);
    expect(body.managedBy).toBe(engine.owner);
  });

  test("keeps neither a secret nor what changes by itself", async () => {
    await engine.run(declared());
    await engine.refresh();
    const { inputs, outputs } = engine.state.get("it")!;
    expect(JSON.stringify([inputs, outputs])).not.toContain(SECRET);
    for (const name of ["revision", "createdAt", "updatedAt", "going", "salt"]) {
      expect(outputs).not.toHaveProperty(name);
    }
  });

  const fixed = Object.keys(kind.fields).filter((field) => annotationsOf(kind.fields[field]!).createOnly);
  for (const field of fixed) {
    test(`is replaced when ${field} changes`, async () => {
      await engine.run(declared());
      const { id } = engine.state.get("it")!;
      const changed = declared({ [field]: "other" });
      expect(await engine.run(changed)).toEqual({ steps: ["replace it"], failures: [] });
      expect(engine.state.get("it")!.id).not.toBe(id);
      expect(await engine.run(changed)).toEqual({ steps: [], failures: [] });
    });
  }
});
