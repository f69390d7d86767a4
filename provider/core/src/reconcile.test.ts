import type { AddressInfo } from "node:net";
import { isStored, type Kind, model, normalise, referenceFields, type Values } from "@modelgateway/schema";
import { smallestBody } from "../../../gateway/src/control/testing/bodies";
import { startTestGateway, type TestGateway, TOKEN } from "../../../gateway/src/control/testing/gateway";
import { check } from "./check";
import { Client } from "./client";
import { create, type Declaration, read, remove, update } from "./reconcile";
import { Book, library } from "./testing/invented-model";

let gateway: TestGateway;
let client: Client;
async function start(served = model) {
  gateway = await startTestGateway({ model: served });
  await gateway.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = gateway.app.server.address() as AddressInfo;
  client = new Client({ endpoint: `http://127.0.0.1:${port}`, token: TOKEN });
}
afterEach(async () => {
  await client.close();
  await gateway.close();
});

const owner = { managedBy: "pulumi:acme/shop/prod", managedAs: "it" };

/** What an engine would write after its check. */
function checked(kind: Kind, inputs: Values, priorFingerprint = ""): Declaration {
  const result = check({ kind, inputs, owner: owner.managedBy, priorFingerprint });
  expect(result.diagnostics).toEqual([]);
  return { kind, inputs: result.inputs, secrets: result.secrets, owner };
}

describe.each([
  ...model.kinds.map((kind) => [kind.kind, kind, model] as const),
  ...library.kinds.map((kind) => [kind.kind, kind, library] as const),
])("%s", (_name, kind, served) => {
  let declaration: Declaration;
  beforeEach(async () => {
    await start(served);
    declaration = checked(kind, await smallestBody(gateway, served, kind));
  });

  test("is created as it was declared, read again as it was created, and deleted", async () => {
    const created = await create(client, declaration);
    expect(created.fields).toEqual(declaration.inputs);
    expect(created.gatewayId).toBe(gateway.ledger.gatewayId);

    expect(await read(client, kind, created.id, created.fields)).toEqual(created);

    await remove(client, kind, created.id, { ...created.fields, ...created.confirmIds }, owner);
    expect(await read(client, kind, created.id, created.fields)).toBeUndefined();
    await remove(client, kind, created.id, { ...created.fields, ...created.confirmIds }, owner);
  });

  test("is created once, though the answer is lost", async () => {
    const first = await create(client, declaration);
    expect(await create(client, declaration)).toEqual(first);
  });

  test("is updated in place, and its secret with it", async () => {
    const { id } = await create(client, declaration);
    const inputs = { ...declaration.inputs, description: "changed" };
    const written = await update(client, id, { ...declaration, inputs });
    expect(written).toMatchObject({ id, fields: inputs });
  });

  test("is reported as gone when an update does not find it", async () => {
    const { id, fields, confirmIds } = await create(client, declaration);
    await remove(client, kind, id, { ...fields, ...confirmIds }, owner);
    await expect(update(client, id, declaration)).rejects.toMatchObject({ diagnostics: [{ code: "gone" }] });
  });

  test("shows what was changed by hand, and nothing else", async () => {
    const { id, fields } = await create(client, declaration);
    const path = `/v1/${kind.plural}/${id}`;
    const body = { ...normalise(kind, fields), description: "by hand" };
    expect(await gateway.call("PUT", path, body)).toMatchObject({ status: 200 });
    const found = await read(client, kind, id, fields);
    expect(found?.fields).toEqual({ ...fields, description: "by hand" });
  });

  test("passes from one owner to the next", async () => {
    const { id } = await create(client, declaration);
    const next = { ...declaration, owner: { ...owner, managedBy: "pulumi:acme/shop/renamed" } };
    await expect(update(client, id, next)).rejects.toMatchObject({
      diagnostics: [{ code: "managed_by_other" }],
    });
    await update(client, id, next, owner.managedBy);
    const { body } = await gateway.call("GET", `/v1/${kind.plural}/${id}`);
    expect(body.managedBy).toBe(next.owner.managedBy);
  });
});

test("the user's words stay while they mean the same", async () => {
  await start(library);
  const words = { tags: ["B", "a"], size: { height: 3, width: 5 } };
  const declaration = checked(Book, { ...(await smallestBody(gateway, library, Book)), ...words });
  const created = await create(client, declaration);
  expect(created.fields).toMatchObject(words);

  await gateway.call("PUT", `/v1/books/${created.id}`, {
    ...normalise(Book, created.fields),
    tags: ["a", "c"],
  });
  const found = await read(client, Book, created.id, created.fields);
  expect(found?.fields).toEqual({ ...created.fields, tags: ["a", "c"] });
});

test("a changed secret is written, an unchanged one is kept", async () => {
  await start(library);
  const inputs = await smallestBody(gateway, library, Book);
  const { id, fields } = await create(client, checked(Book, inputs));
  const fingerprint = String(fields.fingerprint);

  const kept = await update(client, id, { ...checked(Book, inputs, fingerprint), secrets: {} });
  expect(kept.fields.fingerprint).toBe(fingerprint);

  const changed = checked(Book, { ...inputs, value: "another-0123456789" }, fingerprint);
  const written = await update(client, id, changed);
  expect(written.fields.fingerprint).toBe(changed.inputs.fingerprint);
  expect(written.fields.fingerprint).not.toBe(fingerprint);
});

test("what is deleted before its own dependents goes when they do", async () => {
  await start();
  const binding = model.kinds.find((kind) => referenceFields(kind).some(({ confirm }) => confirm))!;
  const used = referenceFields(binding).find(({ confirm }) => confirm)!;
  const declaration = checked(binding, await smallestBody(gateway, model, binding));
  const { id, fields, confirmIds } = await create(client, declaration);
  const target = model.kind(used.reference.kind);
  const targetId = String(Object.values(confirmIds)[0]);

  await remove(client, target, targetId, {}, owner);
  expect((await gateway.call("GET", `/v1/${target.plural}/${targetId}`)).body).toMatchObject({ going: true });
  await remove(client, binding, id, { ...fields, ...confirmIds }, owner);
  expect((await gateway.call("GET", `/v1/${target.plural}/${targetId}`)).status).toBe(404);
});

test("every stored field of every kind reaches the gateway", async () => {
  await start();
  for (const kind of model.kinds) {
    const { id, fields } = await create(client, checked(kind, await smallestBody(gateway, model, kind)));
    const { body } = await gateway.call("GET", `/v1/${kind.plural}/${id}`);
    const stored = Object.keys(kind.fields).filter((field) => isStored(kind.fields[field]!));
    expect(normalise(kind, fields)).toEqual(Object.fromEntries(stored.map((field) => [field, body[field]])));
    await gateway.call("DELETE", `/v1/${kind.plural}/${id}?service=sample`);
  }
});
