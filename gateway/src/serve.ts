import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { model } from "@modelgateway/schema";
import type { FastifyInstance } from "fastify";
import pino, { type Logger } from "pino";
import { hashToken, Tokens } from "./control/caller";
import { newId } from "./control/ids";
import { Ledger } from "./control/ledger";
import { deltaOf, snapshotOf } from "./control/served";
import { createControl } from "./control/server";
import { Workers } from "./control/workers";
import {
  type DataDir,
  dataDir,
  masterKey,
  openSqlite,
  readOrCreate,
  Store,
  StoreRefusal,
  Vault,
} from "./store";

export interface ServeOptions {
  /** Where the embedded store and the keys live; made where it is missing. */
  readonly dataDir: string;
  readonly control: Address;
  readonly dataPlane: Address;
  /** Data-plane processes; 1 by default. */
  readonly workers: number;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Address {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

export interface Serving {
  readonly control: string;
  readonly dataPlane: string;
  /** Drains and ends: requests that run come to their end, the store is closed last. */
  stop(): Promise<void>;
}

const VERSION: string = require("../package.json").version;

/** Starts a gateway: store, control API and data plane. Throws a `StoreRefusal` where the data cannot be used. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const logger = pino(
    { name: "modelgateway", level: options.environment.MODELGATEWAY_LOG ?? "info" },
    pino.destination(2),
  );
  const folder = dataDir(options.dataDir);
  const vault = new Vault(masterKey(folder.masterKey, options.environment.MODELGATEWAY_MASTER_KEY));
  const store = new Store(await openSqlite(folder.database), model);
  const { gatewayId, keyCheck } = await store.identify({ gatewayId: newId(), keyCheck: vault.check });
  if (keyCheck !== vault.check) {
    throw new StoreRefusal("The master key is not the one that this gateway's secrets are encrypted with.");
  }
  await store.putToken(adminToken(folder, options.environment.MODELGATEWAY_ADMIN_TOKEN));
  const ledger = await Ledger.open(gatewayId, model, store, vault);
  return start(options, ledger, store, logger);
}

async function start(options: ServeOptions, ledger: Ledger, store: Store, logger: Logger): Promise<Serving> {
  let workers: Workers | undefined;
  const app = await createControl({
    ledger,
    tokens: new Tokens(await store.tokens()),
    name: "modelgateway",
    version: VERSION,
    logger,
    isReady: () => workers?.isServing ?? false,
  });
  const control = await listen(app, options.control);
  workers = new Workers({
    count: options.workers,
    entry: join(__dirname, "data-plane/worker.js"),
    settings: { ...options.dataPlane, ownListeners: [control] },
    snapshot: () => snapshotOf(ledger),
    logger,
  });
  const running = workers;
  ledger.follow((committed) => running.publish(deltaOf(ledger, committed)));
  const port = await workers.start().catch(async (error: Error) => {
    await running.stop();
    await app.close();
    throw error;
  });
  const stop = async () => {
    await app.close();
    await ledger.settled();
    await running.stop();
    await store.close();
  };
  return { control: url(control), dataPlane: url({ host: options.dataPlane.host, port }), stop };
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<Address> {
  await app.listen({ host, port, listenTextResolver: (at) => `the control API listens at ${at}` });
  const [bound] = app.addresses();
  if (typeof bound === "string" || !bound) throw new Error("the control API did not get a port");
  return { host, port: bound.port };
}

const url = ({ host, port }: Address): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

const ADMIN_TOKEN = /^[\x21-\x7e]{16,256}$/;

/** The first admin token: the given one, else one that is made at the first start and written beside the data. */
function adminToken(folder: DataDir, given: string | undefined) {
  if (given !== undefined && !ADMIN_TOKEN.test(given)) {
    throw new StoreRefusal(
      "MODELGATEWAY_ADMIN_TOKEN must be 16 to 256 printable ASCII characters without spaces.",
    );
  }
  const token =
    given ?? readOrCreate(folder.adminToken, () => `mgw_${randomBytes(24).toString("base64url")}`);
  return { id: "admin", name: "admin", role: "admin", hash: hashToken(token) };
}
