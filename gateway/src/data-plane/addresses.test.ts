import { networkInterfaces } from "node:os";
import { AddressGuard } from "./addresses";

const guard = (given: Partial<ConstructorParameters<typeof AddressGuard>[0]> = {}) =>
  new AddressGuard({ refusePrivate: false, ownListeners: [], ...given });

test.each([
  "169.254.169.254",
  "169.254.0.1",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "0:0:0:0:0:FFFF:A9FE:A9FE",
  "64:ff9b::169.254.169.254",
  "100.100.100.200",
  "::ffff:100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd00:0ec2:0:0::0254",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
])("%s is always refused", (address) => {
  expect(guard().refuses(address, 443)).toBe(true);
});

const PRIVATE = [
  "127.0.0.1",
  "127.9.9.9",
  "0.0.0.0",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "10.1.2.3",
  "172.16.0.1",
];
test.each([...PRIVATE, "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "fc00::1"])(
  "%s is refused where private addresses are",
  (address) => {
    expect(guard().refuses(address, 443)).toBe(false);
    expect(guard({ refusePrivate: true }).refuses(address, 443)).toBe(true);
  },
);

test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "169.253.1.1"])(
  "%s is never refused",
  (address) => {
    expect(guard({ refusePrivate: true }).refuses(address, 443)).toBe(false);
  },
);

const LAN = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

test.each<[string, string, boolean]>([
  ["127.0.0.1", "127.0.0.1", true],
  ["127.0.0.1", "::ffff:127.0.0.1", true],
  ["127.0.0.1", "0.0.0.0", true],
  ["127.0.0.1", "127.0.0.2", false],
  ["127.0.0.1", "::1", false],
  ["::1", "::", true],
  ["0.0.0.0", "127.0.0.2", true],
  ["::", "127.0.0.1", true],
  ["::", "::1", true],
  ["::", "8.8.8.8", false],
  ["localhost", "127.0.0.1", true],
  ...(LAN === undefined ? [] : [["0.0.0.0", LAN, true] as [string, string, boolean]]),
])("a listener on %s is reached by %s: %s", (host, address, reached) => {
  const own = guard({ ownListeners: [{ host, port: 8081 }] });
  expect(own.refuses(address, 8081)).toBe(reached);
  expect(own.refuses(address, 8082)).toBe(false);
});

describe("a name", () => {
  const resolve = (given: Parameters<typeof guard>[0], all: boolean) =>
    new Promise((done) => {
      guard(given).lookupFor(80)("localhost", { all }, (error, address) => done(error?.name ?? address));
    });

  test.each([true, false])("resolves to the addresses that are admitted (all: %s)", async (all) => {
    const addresses = JSON.stringify(await resolve({}, all));
    expect(addresses).toMatch(/127\.0\.0\.1|::1/);
  });

  test("whose addresses are all refused does not resolve", async () => {
    expect(await resolve({ refusePrivate: true }, true)).toBe("Error");
  });

  test("that nobody knows does not resolve either", async () => {
    const error = await new Promise<NodeJS.ErrnoException | null>((done) => {
      guard().lookupFor(80)("no-such-name.invalid", { all: true }, (problem) => done(problem));
    });
    expect(error?.code).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });
});
