import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Model, model as shipped } from "@modelgateway/schema";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { openSqlite, Store, Vault } from "../../store";
import { hashToken, Tokens } from "../caller";
import { newId } from "../ids";
import { Ledger } from "../ledger";
import { createControl } from "../server";

export const TOKEN = "test-token-0123456789";
const MASTER_KEY = "00".repeat(32);

/** A control API on a real store in a folder of its own, without a data plane. */
export interface TestGateway {
  readonly app: FastifyInstance;
  readonly ledger: Ledger;
  readonly folder: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly text: string;
}

export async function startTestGateway({ model = shipped }: { model?: Model } = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), "modelgateway-test-"));
  const vault = new Vault(MASTER_KEY);
  const store = new Store(await openSqlite(join(folder, "gateway.db")), model);
  const { gatewayId } = await store.identify({ gatewayId: newId(), keyCheck: vault.check });
  const ledger = await Ledger.open(gatewayId, model, store, vault);
  const tokens = new Tokens([{ id: "t", name: "t", role: "admin", hash: hashToken(TOKEN) }]);
  const logger = pino({ level: "silent" });
  const app = await createControl({
    ledger,
    tokens,
    name: "test",
    version: "0",
    logger,
    isReady: () => true,
  });
  return {
    app,
    ledger,
    folder,
    async call(method, path, body, headers = {}) {
      const answer = await app.inject({
        method: method as "GET",
        url: path,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const isJson = String(answer.headers["content-type"]).includes("json");
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: isJson ? answer.json() : undefined,
        text: answer.payload,
      };
    },
    async close() {
      await app.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
