import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";

/** A port that this gateway listens on itself. */
export interface Listener {
  /** An address, or `0.0.0.0` or `::` for all of this machine's. */
  readonly host: string;
  readonly port: number;
}

/** The connection was refused by the guard; its text names the address for the log, never for a client. */
export class AddressRefused extends Error {
  readonly code = "ADDRESS_REFUSED";
}

/** Instance metadata lies on these: whoever reads it has the machine's cloud credentials. */
const METADATA = ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"];
const LINK_LOCAL = ["169.254.0.0/16", "fe80::/10"];
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
const LOOPBACK = ["127.0.0.0/8", "::1/128"];

/**
 * Which addresses an upstream may have. Asked when a socket connects, after DNS: a name that was harmless when
 * its URL was written can resolve to anything later.
 */
export class AddressGuard {
  readonly #refused = new BlockList();
  readonly #own: Listener[];

  constructor(options: { readonly refusePrivate: boolean; readonly ownListeners: readonly Listener[] }) {
    for (const address of METADATA) this.#refused.addAddress(address, family(address));
    for (const subnet of LINK_LOCAL) this.#refuse(subnet);
    if (options.refusePrivate) for (const subnet of [...PRIVATE, ...LOOPBACK]) this.#refuse(subnet);
    this.#own = options.ownListeners.map(normalListener);
  }

  addOwnListener(listener: Listener): void {
    this.#own.push(normalListener(listener));
  }

  /** The address is one to stay away from. */
  refuses(address: string, port: number): boolean {
    const plain = plainAddress(address);
    return this.#refused.check(plain, family(plain)) || this.#isOwn(plain, port);
  }

  /** A resolver for sockets that connect to this port. Refused addresses are left out of its answers. */
  lookupFor(port: number): LookupFunction {
    return (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, []);
        const admitted = found.filter(({ address }) => !this.refuses(address, port));
        const [first] = admitted;
        if (!first) return callback(refusedError(hostname, found), []);
        return options.all ? callback(null, admitted) : callback(null, first.address, first.family);
      });
    };
  }

  #refuse(subnet: string): void {
    const [network = "", prefix] = subnet.split("/");
    this.#refused.addSubnet(network, Number(prefix), family(network));
  }

  #isOwn(address: string, port: number): boolean {
    return this.#own.some((listener) => {
      if (listener.port !== port) return false;
      return isEverywhere(listener.host) ? isThisMachine(address) : listener.host === address;
    });
  }
}

export function refusedError(hostname: string, found: readonly LookupAddress[]): AddressRefused {
  return new AddressRefused(`${hostname} (${found.map(({ address }) => address).join(", ")}) is refused`);
}

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** `::ffff:a.b.c.d`, and `64:ff9b::a.b.c.d` through which NAT64 reaches the same hosts, in canonical form. */
const EMBEDDING = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** One form for each address: IPv4 inside IPv6 as IPv4, and what means "this machine" as the loopback address. */
function plainAddress(address: string): string {
  if (isIP(address) !== 6) return address === "0.0.0.0" ? "127.0.0.1" : address;
  // The URL parser writes an address in its one canonical form. It knows no zones.
  const canonical = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  if (canonical === "::") return "::1";
  const [, high, low] = EMBEDDING.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return plainAddress([24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join("."));
}

/** A listener whose host is a name, not an address, is taken to listen on all of them. */
const isEverywhere = (host: string): boolean => host === "0.0.0.0" || host === "::" || isIP(host) === 0;

const normalListener = ({ host, port }: Listener): Listener => ({
  host: isEverywhere(host) ? host : plainAddress(host),
  port,
});

function isThisMachine(address: string): boolean {
  if (address.startsWith("127.") || address === "::1") return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((entry) => plainAddress(entry.address) === address),
  );
}
