import {
  annotationsOf,
  isStored,
  type Kind,
  model,
  objectSchema,
  referenceFields,
} from "@modelgateway/schema";
import { Value } from "@sinclair/typebox/value";
import { smallestBody } from "./testing/bodies";
import { startTestGateway, type TestGateway } from "./testing/gateway";

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.close());

const confirmation = (kind: Kind) =>
  referenceFields(kind)
    .filter(({ confirm }) => confirm)
    .map(({ field }) => `?${field}=sample`)
    .join("");

describe.each(model.kinds.map((kind) => [kind.kind, kind] as const))("%s", (_, kind) => {
  const collection = `/v1/${kind.plural}`;

  test("is created, read by id and name, listed, replaced by itself and deleted", async () => {
    const body = await smallestBody(gateway, model, kind);
    const created = await gateway.call("POST", collection, body);
    expect(created).toMatchObject({ status: 201, headers: { location: `${collection}/${created.body.id}` } });
    expect([...Value.Errors(objectSchema(kind), created.body)].map(({ path }) => path)).toEqual([
      "/createdAt",
      "/updatedAt",
    ]);

    const one = `${collection}/${created.body.id}`;
    expect((await gateway.call("GET", one)).body).toEqual(created.body);
    expect((await gateway.call("GET", `${collection}/${created.body.name}`)).body).toEqual(created.body);
    expect((await gateway.call("GET", collection)).body).toEqual({ items: [created.body] });

    const put = await gateway.call("PUT", one, created.body);
    expect(put).toMatchObject({ status: 200, body: created.body });

    const deleted = await gateway.call("DELETE", `${one}${confirmation(kind)}`);
    expect(deleted).toMatchObject({ status: 204, text: "" });
    expect(await gateway.call("GET", one)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  test("never returns a writeOnly field", async () => {
    const body = await smallestBody(gateway, model, kind);
    const { text } = await gateway.call("POST", collection, body);
    for (const [field, schema] of Object.entries(kind.fields)) {
      if (annotationsOf(schema).writeOnly) expect(text).not.toContain(`"${field}":`);
    }
  });

  test("fills in every default", async () => {
    const { body } = await gateway.call("POST", collection, await smallestBody(gateway, model, kind));
    for (const [field, schema] of Object.entries(kind.fields)) {
      if (isStored(schema) && schema.default !== undefined)
        expect([field, body[field]]).toEqual([field, schema.default]);
    }
  });

  test("refuses an unknown field and names the nearest", async () => {
    const answer = await gateway.call("POST", collection, {
      ...(await smallestBody(gateway, model, kind)),
      descripton: "x",
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: "unknown_field",
        diagnostics: [{ path: "/descripton", detail: expect.stringContaining("`description`") }],
      },
    });
  });
});

test("a rename breaks nothing: references follow it", async () => {
  await gateway.call(
    "POST",
    "/v1/model-api-bindings",
    await smallestBody(gateway, model, model.kind("ModelApiBinding")),
  );
  const service = (await gateway.call("GET", "/v1/model-services/sample")).body;
  await gateway.call("PUT", `/v1/model-services/${service.id}`, { ...service, name: "renamed" });
  expect((await gateway.call("GET", "/v1/model-api-bindings/sample")).body).toMatchObject({
    service: "renamed",
    serviceId: service.id,
  });
});

test("unbinding asks for the service's name, as the manual's dialog does", async () => {
  await gateway.call(
    "POST",
    "/v1/model-api-bindings",
    await smallestBody(gateway, model, model.kind("ModelApiBinding")),
  );
  const asked = await gateway.call("DELETE", "/v1/model-api-bindings/sample");
  expect(asked).toMatchObject({
    status: 400,
    body: { code: "confirmation_required", detail: expect.stringMatching(/sample.*OpenAI/) },
  });
  expect(await gateway.call("DELETE", "/v1/model-api-bindings/sample?service=other")).toMatchObject({
    status: 409,
    body: { code: "confirmation_mismatch" },
  });
  expect(await gateway.call("DELETE", "/v1/model-api-bindings/sample?service=sample")).toMatchObject({
    status: 204,
  });
});

test("a service that is bound cannot be deleted, and the refusal names the dependent and its owner", async () => {
  const body = await smallestBody(gateway, model, model.kind("ModelApiBinding"));
  await gateway.call("POST", "/v1/model-api-bindings", body, {
    "x-managed-by": "pulumi:acme/%E5%95%86%E5%BA%97/dev",
  });
  const refused = await gateway.call("DELETE", "/v1/model-services/sample");
  expect(refused).toMatchObject({
    status: 409,
    body: {
      code: "has_dependents",
      title: "There are unresolved dependencies",
      detail: expect.stringContaining("ModelApiBinding/sample (managed by pulumi:acme/商店/dev)"),
      dependents: [{ kind: "ModelApiBinding", name: "sample", managedBy: "pulumi:acme/商店/dev" }],
    },
  });
  const listed = await gateway.call("GET", "/v1/model-services/sample/dependents");
  expect(listed.body).toMatchObject({
    deletable: false,
    items: [{ via: "service", depth: 1, onDelete: "restrict" }],
  });
});

test("a delete when free waits for the caller's own dependents, and a create revives it", async () => {
  const mine = { "x-managed-by": "pulumi:o/p/s", "x-managed-as": "one" };
  const binding = model.kind("ModelApiBinding");
  await gateway.call("POST", "/v1/model-api-bindings", await smallestBody(gateway, model, binding), mine);
  const service = (await gateway.call("GET", "/v1/model-services/sample")).body;
  await gateway.call("PUT", `/v1/model-services/${service.id}`, service, mine);
  expect(
    await gateway.call("DELETE", `/v1/model-services/${service.id}?whenFree=true`, undefined, mine),
  ).toMatchObject({
    status: 202,
    body: { going: true },
  });
  expect(await gateway.call("PUT", `/v1/model-services/${service.id}`, service, mine)).toMatchObject({
    status: 409,
    body: { code: "going" },
  });
  const revived = await gateway.call("POST", "/v1/model-services", service, mine);
  expect(revived).toMatchObject({ status: 201, body: { id: service.id } });
  expect(revived.body.going).toBeUndefined();
});

test("what was going is removed in the write that frees it", async () => {
  const mine = { "x-managed-by": "pulumi:o/p/s" };
  const binding = model.kind("ModelApiBinding");
  await gateway.call("POST", "/v1/model-api-bindings", await smallestBody(gateway, model, binding), mine);
  await gateway.call("DELETE", "/v1/model-services/sample?whenFree=true", undefined, mine);
  await gateway.call("DELETE", "/v1/model-api-bindings/sample?service=sample", undefined, mine);
  expect(await gateway.call("GET", "/v1/model-services/sample")).toMatchObject({ status: 404 });
});

test("another owner is refused, a takeover is not, and a human may edit", async () => {
  const api = await smallestBody(gateway, model, model.kind("ModelApi"));
  await gateway.call("POST", "/v1/model-apis", api, { "x-managed-by": "pulumi:o/p/one" });
  const two = { "x-managed-by": "pulumi:o/p/two" };
  const refused = await gateway.call("PUT", "/v1/model-apis/sample", api, two);
  expect(refused).toMatchObject({ status: 409, body: { code: "managed_by_other" } });
  const human = await gateway.call("PUT", "/v1/model-apis/sample", { ...api, basePath: "/human" });
  expect(human).toMatchObject({ status: 200, body: { managedBy: "pulumi:o/p/one" } });
  const taken = await gateway.call("PUT", "/v1/model-apis/sample?takeOver=pulumi:o/p/one", api, two);
  expect(taken).toMatchObject({ status: 200, body: { managedBy: "pulumi:o/p/two" } });
});

test("a lost answer is resumed by the same owner and logical name, and by nobody else", async () => {
  const api = await smallestBody(gateway, model, model.kind("ModelApi"));
  const mine = { "x-managed-by": "pulumi:o/p/s", "x-managed-as": "api" };
  const first = await gateway.call("POST", "/v1/model-apis", api, mine);
  const again = await gateway.call("POST", "/v1/model-apis", api, mine);
  expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
  const other = await gateway.call("POST", "/v1/model-apis", api, { ...mine, "x-managed-as": "other" });
  expect(other).toMatchObject({ status: 409, body: { code: "name_taken" } });
});

test("pages through a list with a cursor", async () => {
  const body = await smallestBody(gateway, model, model.kind("ModelKey"));
  for (const name of ["a", "b", "c"]) await gateway.call("POST", "/v1/model-keys", { ...body, name });
  const first = await gateway.call("GET", "/v1/model-keys?limit=2");
  expect(first.body.items).toHaveLength(2);
  const rest = await gateway.call("GET", `/v1/model-keys?limit=2&cursor=${first.body.nextCursor}`);
  expect(rest.body.items.map(({ name }: { name: string }) => name)).toEqual(["c"]);
  expect(rest.body.nextCursor).toBeUndefined();
});

describe("a key", () => {
  const key = { name: "k", value: "sk-0123456789abcdef", salt: "0123456789abcdef" };

  test("gives the fingerprint made with the salt that was sent, and keeps its value through a put without one", async () => {
    const created = await gateway.call("POST", "/v1/model-keys", key);
    expect(created.body.fingerprint).toMatch(/^v1\.0123456789abcdef\.[0-9a-f]{20}$/);
    await gateway.call("PUT", "/v1/model-keys/k", { name: "k", description: "still there" });
    const [stored] = [...gateway.ledger.all()];
    expect(gateway.ledger.secret(stored!, "value")).toBe(key.value);
  });

  test("loses its value when it comes from the environment", async () => {
    await gateway.call("POST", "/v1/model-keys", key);
    const put = await gateway.call("PUT", "/v1/model-keys/k", {
      name: "k",
      valueFrom: "env:MODELGATEWAY_KEY_A",
    });
    expect(put).toMatchObject({ status: 200, body: { fingerprint: "" } });
    const [stored] = [...gateway.ledger.all()];
    expect(gateway.ledger.secret(stored!, "value")).toBeUndefined();
    expect(await gateway.call("PUT", "/v1/model-keys/k", { name: "k" })).toMatchObject({
      status: 400,
      body: { code: "missing_field" },
    });
  });

  test("uses no revision where nothing changes", async () => {
    const created = await gateway.call("POST", "/v1/model-keys", key);
    const again = await gateway.call("PUT", "/v1/model-keys/k", key);
    expect(again.body).toEqual(created.body);
  });
});
