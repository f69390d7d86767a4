import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { model } from "@modelgateway/schema";
import Database from "libsql";
import type { Stored } from "../rules";
import { dataDir, masterKey, openSqlite, type Row, readOrCreate, Store, Vault } from ".";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modelgateway-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, "gateway.db");
const open = async () => {
  const store = new Store(await openSqlite(file()), model);
  await store.identify({ gatewayId: "g", keyCheck: "k" });
  return store;
};

const key = (id: string, name: string): Row => ({
  stored: {
    kind: "ModelKey",
    id,
    fields: { name, valueFrom: "", allowedHosts: [], description: "商" },
    managedBy: "me",
    managedAs: "",
    going: false,
  },
  revision: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
});
const service = (id: string, keys: string[]): Row => {
  const stored: Stored = {
    ...key(id, id).stored,
    kind: "ModelService",
    fields: { name: id, keys, fallbackServices: [] },
  };
  return { ...key(id, id), stored };
};

test("what was committed is there after it is opened again", async () => {
  const store = await open();
  const secret = { objectId: "1", field: "value", ciphertext: "c" };
  expect(await store.write(() => ({ put: [key("1", "a")], remove: [], secrets: [secret] }))).toBe(1);
  await store.close();
  const again = await open();
  expect(await again.load()).toEqual({ revision: 1, rows: [key("1", "a")], secrets: [secret] });
  await again.close();
});

test("a write that decides to write nothing uses up no revision", async () => {
  const store = await open();
  expect(await store.write(() => undefined)).toBeUndefined();
  expect((await store.load()).revision).toBe(0);
  await store.close();
});

test("a write that fails leaves nothing behind", async () => {
  const store = await open();
  await store.write(() => ({ put: [key("1", "a")], remove: [], secrets: [] }));
  const twice = store.write(() => ({ put: [key("2", "b"), key("3", "a")], remove: [], secrets: [] }));
  await expect(twice).rejects.toThrow(/UNIQUE/);
  expect(await store.load()).toMatchObject({ revision: 1, rows: [{ stored: { id: "1" } }] });
  await store.close();
});

test("the database itself refuses to remove what is referred to", async () => {
  const store = await open();
  await store.write(() => ({ put: [key("1", "a"), service("2", ["1"])], remove: [], secrets: [] }));
  await expect(store.write(() => ({ put: [], remove: ["1"], secrets: [] }))).rejects.toThrow(/FOREIGN KEY/);
  expect(await store.write(() => ({ put: [], remove: ["1", "2"], secrets: [] }))).toBe(2);
  await store.close();
});

describe("a file that cannot be used is refused, and stays as it is", () => {
  test("in use by another gateway", async () => {
    const store = await open();
    await expect(openSqlite(file())).rejects.toThrow("is in use by another gateway");
    await store.close();
  });

  test.each([
    ["a text", "hello"],
    ["half a header", "SQLite form"],
  ])("%s", async (_, content) => {
    writeFileSync(file(), content);
    await expect(openSqlite(file())).rejects.toThrow("is not a gateway's data file");
    expect(readFileSync(file(), "utf8")).toBe(content);
  });

  test("another program's database", async () => {
    const other = new Database(file());
    other.exec("CREATE TABLE t (a)");
    other.close();
    const before = readFileSync(file());
    await expect(openSqlite(file())).rejects.toThrow("is not a gateway's data file");
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  test("of a newer gateway", async () => {
    await (await open()).close();
    const newer = new Database(file());
    newer.pragma("user_version = 99");
    newer.close();
    await expect(openSqlite(file())).rejects.toThrow("newer gateway (version 99)");
  });
});

describe("secrets", () => {
  const place = { kind: "ModelKey", id: "1", field: "value" };
  const vault = new Vault("ab".repeat(32));

  test("come back for their own place only", () => {
    const ciphertext = vault.encrypt(place, "sk-secret");
    expect(vault.decrypt(place, ciphertext)).toBe("sk-secret");
    expect(() => vault.decrypt({ ...place, id: "2" }, ciphertext)).toThrow();
    expect(ciphertext).not.toContain(Buffer.from("sk-secret").toString("base64").slice(0, 8));
  });

  test("of another master key are recognised at start", () => {
    expect(new Vault("cd".repeat(32)).check).not.toBe(vault.check);
  });

  test("live in files that only their owner reads", () => {
    const { masterKey: path } = dataDir(join(folder, "data"));
    const made = masterKey(path, undefined);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(masterKey(path, undefined)).toBe(made);
    expect(() => masterKey(path, "short")).toThrow("64 lower-case hex digits");
    expect(readdirSync(join(folder, "data"))).toEqual(["master.key"]);
  });

  test("are made once", () => {
    const path = join(folder, "token");
    expect(readOrCreate(path, () => "first")).toBe("first");
    expect(readOrCreate(path, () => "second")).toBe("first");
  });
});
