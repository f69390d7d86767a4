import type { IncomingHttpHeaders } from "node:http";
import type { Delta, ServedApi, ServedRoute, ServedService } from "@modelgateway/schema";
import { refusal } from "./errors";
import type { Service } from "./service";
import { type UpstreamPath, upstreamPath } from "./upstream-url";

/** Where an API finds its service, so that a change of the service does not touch its APIs. */
interface Slot {
  service: Service | undefined;
}

/** One method and path of one API. */
export class Route {
  readonly method: string;
  readonly path: string;
  /** The headers that it has conditions on, sorted, and what they must be. */
  readonly names: readonly string[];
  readonly values: string;
  readonly auth: ServedApi["auth"];
  /** Answered from the service's model policy where that decides. */
  readonly listsModels: boolean;
  readonly #forwardedPath: string;
  readonly #slot: Slot | undefined;
  #compiled: { readonly service: Service; readonly path: UpstreamPath } | undefined;

  constructor(api: ServedApi, route: ServedRoute, slot: Slot | undefined) {
    this.method = route.method;
    this.path = route.path;
    const conditions = [...api.matchHeaders].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.names = conditions.map(({ name }) => name);
    this.values = conditions.map(({ value }) => value + SEPARATOR).join("");
    this.auth = api.auth;
    this.listsModels = route.method === "GET" && route.path.endsWith("/v1/models");
    this.#forwardedPath = route.forwardedPath;
    this.#slot = slot;
  }

  /** The service that answers now; absent while the API is unbound. */
  get service(): Service | undefined {
    return this.#slot?.service;
  }

  /** Compiled at the first request: a change of a service with 100,000 routes costs nothing. */
  upstreamPath(service: Service): UpstreamPath {
    if (this.#compiled?.service !== service) {
      this.#compiled = { service, path: upstreamPath(service.url, this.#forwardedPath) };
    }
    return this.#compiled.path;
  }
}

/** Routes on one method and path whose conditions are on the same headers. */
interface Group {
  /** Sorted, lower case; none for routes without conditions. */
  readonly names: readonly string[];
  /** By the values that the headers must have, in the order of the names. */
  readonly routes: Map<string, Route>;
}

/** What one path serves. However many tenants share it, a request costs one look-up for each group. */
interface PathEntry {
  /** By method; groups with more conditions first. */
  readonly methods: Map<string, Group[]>;
  allow: string;
}

export interface ServiceCompiler {
  compile(served: ServedService): Service;
  release(service: Service): void;
}

/** What is served now. A request sees one state: `apply` does not yield. */
export class RouteTable {
  readonly #paths = new Map<string, PathEntry>();
  /** By API id. */
  readonly #routes = new Map<string, readonly Route[]>();
  /** By service id. */
  readonly #slots = new Map<string, Slot>();

  constructor(private readonly services: ServiceCompiler) {}

  /** Costs what the delta is long, not what is served. */
  apply({ apis, services, removed }: Delta): void {
    for (const served of services) this.#setService(served.id, this.services.compile(served));
    // All old routes go before the first new one comes: a path may pass from one API to another.
    for (const id of removed) this.#removeRoutes(id);
    for (const api of apis) this.#removeRoutes(api.id);
    for (const api of apis) this.#addRoutes(api);
    for (const id of removed) {
      if (this.#slots.has(id)) this.#setService(id, undefined);
      this.#slots.delete(id);
    }
  }

  /** Serves this snapshot and nothing else. */
  replace(snapshot: Delta): void {
    const kept = new Set([...snapshot.apis, ...snapshot.services].map(({ id }) => id));
    const known = [...this.#routes.keys(), ...this.#slots.keys()];
    this.apply({ ...snapshot, removed: known.filter((id) => !kept.has(id)) });
  }

  /** The route of a request. Throws the client's error where there is none. */
  match(method: string, path: string, headers: IncomingHttpHeaders): Route {
    const entry = this.#paths.get(path);
    if (!entry) throw refusal("no_route", { method, path });
    const groups = entry.methods.get(method);
    if (!groups) throw refusal("method_not_allowed", { method, allow: entry.allow });
    for (const { names, routes } of groups) {
      const values = names.length === 0 ? "" : valuesOf(names, headers);
      const route = values === undefined ? undefined : routes.get(values);
      if (route) return route;
    }
    throw refusal("no_route", { method, path });
  }

  #setService(id: string, service: Service | undefined): void {
    const slot = this.#slotOf(id);
    // The new one first: a pool that both use stays open.
    if (slot.service) this.services.release(slot.service);
    slot.service = service;
  }

  #slotOf(id: string): Slot {
    const slot = this.#slots.get(id) ?? { service: undefined };
    this.#slots.set(id, slot);
    return slot;
  }

  #addRoutes(api: ServedApi): void {
    const slot = api.serviceId === undefined ? undefined : this.#slotOf(api.serviceId);
    const routes = api.routes.map((route) => new Route(api, route, slot));
    this.#routes.set(api.id, routes);
    for (const route of routes) {
      const entry = this.#paths.get(route.path) ?? { methods: new Map(), allow: "" };
      this.#paths.set(route.path, entry);
      groupOf(entry, route).routes.set(route.values, route);
      entry.allow = allowedMethods(entry);
    }
  }

  #removeRoutes(apiId: string): void {
    for (const route of this.#routes.get(apiId) ?? []) {
      const entry = this.#paths.get(route.path);
      if (!entry) continue;
      const group = groupOf(entry, route);
      if (group.routes.get(route.values) === route) group.routes.delete(route.values);
      const groups = entry.methods.get(route.method)?.filter(({ routes }) => routes.size > 0) ?? [];
      if (groups.length > 0) entry.methods.set(route.method, groups);
      else entry.methods.delete(route.method);
      entry.allow = allowedMethods(entry);
      if (entry.methods.size === 0) this.#paths.delete(route.path);
    }
    this.#routes.delete(apiId);
  }
}

function groupOf(entry: PathEntry, { method, names }: Route): Group {
  const groups = entry.methods.get(method) ?? [];
  entry.methods.set(method, groups);
  const found = groups.find((group) => group.names.join() === names.join());
  if (found) return found;
  const group: Group = { names, routes: new Map() };
  groups.push(group);
  groups.sort((a, b) => b.names.length - a.names.length);
  return group;
}

const allowedMethods = ({ methods }: PathEntry): string => [...methods.keys()].sort().join(", ");

/** No condition's value holds a line feed. */
const SEPARATOR = "\n";

/** What the request has for these headers; absent where it lacks one of them. */
function valuesOf(names: readonly string[], headers: IncomingHttpHeaders): string | undefined {
  let values = "";
  for (const name of names) {
    const value = headers[name];
    if (typeof value !== "string") return undefined;
    values += value + SEPARATOR;
  }
  return values;
}
