import type { ServedApi } from "@modelgateway/schema";
import { AddressGuard } from "./addresses";
import { ConnectionPools } from "./connections";
import { Refusal } from "./errors";
import { compileService, releaseService, type Service } from "./service";
import { RouteTable } from "./table";
import { api, service } from "./testing/harness";

const CHAT = "/v1/chat/completions";

function tableOf(...apis: readonly ServedApi[]): RouteTable {
  const pools = new ConnectionPools(
    new AddressGuard({ refusePrivate: false, ownListeners: [] }),
    () => undefined,
  );
  const table = new RouteTable({
    compile: (served) => compileService(served, pools),
    release: (old: Service) => releaseService(old, pools),
  });
  table.apply({ revision: 1, apis, services: [service("http://127.0.0.1:1")], removed: [] });
  return table;
}

/** The forwarded path of the route that matches, which tells APIs apart here, or the error. */
function matchOf(
  table: RouteTable,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): string {
  try {
    const route = table.match(method, path, headers);
    return route.service ? route.upstreamPath(route.service).full : "unbound";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [error.status, error.code, ...error.headers.filter((_, at, all) => all[at - 1] === "allow")].join(
      " ",
    );
  }
}

/** An API that serves POST on a path, told apart by what it forwards to. */
const one = (id: string, path: string, given: Partial<ServedApi> = {}) =>
  api({ id, name: id, routes: [{ method: "POST", path, forwardedPath: `/${id}` }], ...given });

describe("a path", () => {
  const table = tableOf(api({ routes: [{ method: "POST", path: "/qwen/v1/chat", forwardedPath: "/got" }] }));

  test("matches exactly", () => {
    expect(matchOf(table, "POST", "/qwen/v1/chat")).toBe("/got");
  });

  test.each([
    "/qwen/v1/chat/",
    "/qwen//v1/chat",
    "//qwen/v1/chat",
    "/./qwen/v1/chat",
    "/x/../qwen/v1/chat",
    "/qwen/v1/%63hat",
    "/Qwen/v1/chat",
    "/qwen/v1/chat;x",
    "/qwen/v1/chat#x",
    "/qwen",
    "/",
    "",
    "*",
    "/__proto__",
  ])("%j is another", (path) => {
    expect(matchOf(table, "POST", path)).toBe("404 no_route");
  });

  test.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "post"])("refuses %s", (method) => {
    expect(matchOf(table, method, "/qwen/v1/chat")).toBe("405 method_not_allowed POST");
  });
});

test("405 names every method of the path, of whichever API", () => {
  const models = api({ id: "2", routes: [{ method: "GET", path: CHAT, forwardedPath: CHAT }] });
  expect(matchOf(tableOf(one("1", CHAT), models), "PUT", CHAT)).toBe("405 method_not_allowed GET, POST");
});

describe("header conditions", () => {
  const conditioned = (id: string, ...conditions: [string, string][]) =>
    one(id, CHAT, { matchHeaders: conditions.map(([name, value]) => ({ name, value })) });
  const all = [
    one("none", CHAT),
    conditioned("a", ["x-team", "a"]),
    conditioned("b", ["x-team", "b"]),
    conditioned("a-beta", ["x-team", "a"], ["x-stage", "beta"]),
  ];

  test.each<[Record<string, string>, string]>([
    [{}, "/none"],
    [{ "x-team": "c" }, "/none"],
    [{ "x-team": "a" }, "/a"],
    [{ "x-team": "b" }, "/b"],
    [{ "x-team": "A" }, "/none"],
    [{ "x-team": "a, a" }, "/none"],
    [{ "x-team": "a", "x-stage": "beta" }, "/a-beta"],
    [{ "x-stage": "beta", "x-team": "b" }, "/b"],
    [{ "x-stage": "beta" }, "/none"],
  ])("%j", (headers, path) => {
    for (const apis of [all, [...all].reverse()])
      expect(matchOf(tableOf(...apis), "POST", CHAT, headers)).toBe(path);
  });

  test("that nothing meets are no route, yet the method is known", () => {
    const table = tableOf(conditioned("a", ["x-team", "a"]));
    expect(matchOf(table, "POST", CHAT)).toBe("404 no_route");
    expect(matchOf(table, "GET", CHAT)).toBe("405 method_not_allowed POST");
  });

  test("on names that every object has are just names", () => {
    const table = tableOf(conditioned("a", ["constructor", "x"], ["__proto__", "y"]), one("none", CHAT));
    expect(matchOf(table, "POST", CHAT)).toBe("/none");
  });
});

describe("a delta", () => {
  const delta = { revision: 2, apis: [], services: [], removed: [] };

  test("moves an API to other paths", () => {
    const table = tableOf(one("1", "/old"));
    table.apply({ ...delta, apis: [one("1", "/new")] });
    expect([matchOf(table, "POST", "/old"), matchOf(table, "POST", "/new")]).toEqual(["404 no_route", "/1"]);
  });

  test("passes a path from one API to another, in any order", () => {
    for (const order of [0, 1]) {
      const table = tableOf(one("1", "/a"), one("2", "/b"));
      const swapped = [one("1", "/b"), one("2", "/a")];
      table.apply({ ...delta, apis: order ? swapped.reverse() : swapped });
      expect([matchOf(table, "POST", "/a"), matchOf(table, "POST", "/b")]).toEqual(["/2", "/1"]);
    }
  });

  test("rebinds, unbinds and binds", () => {
    const table = tableOf(one("1", CHAT));
    const other = service("http://127.0.0.1:2/other", { id: "other" });
    table.apply({ ...delta, services: [other], apis: [one("1", CHAT, { serviceId: "other" })] });
    expect(matchOf(table, "POST", CHAT)).toBe("/other/1");
    const { serviceId, ...unbound } = one("1", CHAT);
    table.apply({ ...delta, apis: [unbound] });
    expect(matchOf(table, "POST", CHAT)).toBe("unbound");
    table.apply({ ...delta, apis: [one("1", CHAT)] });
    expect(matchOf(table, "POST", CHAT)).toBe("/1");
  });

  test("changes a service under its APIs", () => {
    const table = tableOf(one("1", CHAT));
    expect(matchOf(table, "POST", CHAT)).toBe("/1");
    table.apply({ ...delta, services: [service("http://127.0.0.1:1/v2")] });
    expect(matchOf(table, "POST", CHAT)).toBe("/v2/1");
  });

  test("removes an API and a service", () => {
    const table = tableOf(one("1", CHAT), one("2", "/two"));
    table.apply({ ...delta, removed: ["2", "service"] });
    expect([matchOf(table, "POST", "/two"), matchOf(table, "POST", CHAT)]).toEqual([
      "404 no_route",
      "unbound",
    ]);
  });

  test("a later snapshot replaces everything", () => {
    const table = tableOf(one("1", "/a"), one("2", "/b"));
    table.replace({ ...delta, apis: [one("2", "/c")], services: [service("http://127.0.0.1:1")] });
    expect(["/a", "/b", "/c"].map((path) => matchOf(table, "POST", path))).toEqual([
      "404 no_route",
      "404 no_route",
      "/2",
    ]);
  });
});

test("100,000 routes, or 100,000 tenants on one path, are compiled and found quickly", () => {
  const many = (path: (n: number) => string, given: (n: number) => Partial<ServedApi>) =>
    Array.from({ length: 100_000 }, (_, n) => one(`${n}`, path(n), given(n)));
  const started = performance.now();
  const paths = tableOf(
    ...many(
      (n) => `/${n}`,
      () => ({}),
    ),
  );
  const tenants = tableOf(
    ...many(
      () => CHAT,
      (n) => ({ matchHeaders: [{ name: "x-tenant", value: `${n}` }] }),
    ),
  );
  for (let n = 0; n < 100_000; n += 10) {
    expect(paths.match("POST", `/${n}`, {}).path).toBe(`/${n}`);
    expect(tenants.match("POST", CHAT, { "x-tenant": `${n}` }).values).toBe(`${n}\n`);
  }
  // Far above what it takes, far below what a search through all of them would.
  expect(performance.now() - started).toBeLessThan(10_000);
});
