import {
  type Delta,
  generateRoutes,
  type ModelApiFields,
  type ModelKeyFields,
  type ModelServiceFields,
  type ServedApi,
  type ServedKey,
  type ServedService,
} from "@modelgateway/schema";
import { boundService, idsIn, type Stored, type World } from "../rules";
import type { Committed, Ledger } from "./ledger";

/** Everything that the data plane serves now. */
export function snapshotOf(ledger: Ledger): Delta {
  return { revision: ledger.revision, ...served(ledger, [...ledger.all()]), removed: [] };
}

/** What one commit changes for the data plane. */
export function deltaOf(ledger: Ledger, { revision, before, after }: Committed): Delta {
  const ids = new Set([...before, ...after].flatMap((stored) => concerned(ledger.world, stored)));
  const left = [...ids].flatMap((id) => ledger.world.get(id) ?? []);
  const removed = [...ids].filter((id) => !ledger.world.get(id));
  return { revision, ...served(ledger, left), removed };
}

function served(ledger: Ledger, objects: readonly Stored[]): Pick<Delta, "apis" | "services"> {
  const of = (wanted: string) => objects.filter(({ kind }) => kind === wanted);
  return {
    apis: of("ModelApi").map((api) => servedApi(ledger.world, api)),
    services: of("ModelService").map((service) => servedService(ledger, service)),
  };
}

/** The APIs and services in whose served form an object appears. */
function concerned(world: World, { kind, id, fields }: Stored): readonly string[] {
  switch (kind) {
    case "ModelApi":
    case "ModelService":
      return [id];
    case "ModelApiBinding":
      return idsIn(fields, "api");
    case "ModelKey":
      return world.uses(id).map(({ from }) => from.id);
    default:
      return [];
  }
}

function servedApi(world: World, { id, fields }: Stored): ServedApi {
  const api = fields as unknown as ModelApiFields;
  const service = boundService(world, id);
  return {
    id,
    name: api.name,
    auth: api.auth,
    matchHeaders: api.matchHeaders,
    routes: generateRoutes(api).map(({ method, path, forwardedPath }) => ({ method, path, forwardedPath })),
    ...(service && { serviceId: service.id }),
  };
}

function servedService(ledger: Ledger, { id, fields }: Stored): ServedService {
  const { description: _, keys, ...service } = fields as unknown as ModelServiceFields;
  // References are ids in the store; the fields' type speaks of the names that clients see.
  const stored = keys.flatMap((key) => ledger.world.get(key) ?? []);
  return { ...service, id, keys: stored.map((key) => servedKey(ledger, key)) };
}

function servedKey(ledger: Ledger, key: Stored): ServedKey {
  const { name, allowedHosts, valueFrom } = key.fields as unknown as ModelKeyFields;
  const variable = /^env:(MODELGATEWAY_KEY_.+)$/.exec(valueFrom)?.[1];
  const value = variable === undefined ? ledger.secret(key, "value") : process.env[variable];
  return { id: key.id, name, allowedHosts, ...(value && { value }) };
}
