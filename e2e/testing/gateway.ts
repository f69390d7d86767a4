import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type GatewayReady,
  type ServerProcess,
  startGateway,
  startMockUpstream,
} from "../../tools/src/server-process";

export const VENDOR_KEY = "sk-canary-0123456789abcdef";

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** A gateway process and a stand-in vendor, in a folder of their own. */
export interface World {
  readonly folder: string;
  readonly dataDir: string;
  readonly upstream: string;
  token: string;
  gateway: ServerProcess<GatewayReady>;
  /** Calls the control API. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Asks a route of the data plane for a completion. */
  ask(path: string): Promise<Response>;
  /** Starts a gateway on the same data again. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export async function startWorld(env: NodeJS.ProcessEnv = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "modelgateway-e2e-"));
  const dataDir = join(folder, "data");
  const start = () => startGateway(dataDir, { logFile: join(folder, "gateway.log"), env });
  const upstream = await startMockUpstream({ logFile: join(folder, "upstream.log") });
  const gateway = await start();
  const world: World = {
    folder,
    dataDir,
    upstream: upstream.ready.url,
    token: readFileSync(join(dataDir, "admin.token"), "utf8").trim(),
    gateway,
    async call(method, path, body, headers = {}) {
      const answer = await fetch(`${world.gateway.ready.control}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${world.token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
    },
    ask: (path) =>
      fetch(`${world.gateway.ready.dataPlane}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "any", messages: [{ role: "user", content: "hello" }] }),
      }),
    async restart() {
      world.gateway = await start();
    },
    async end() {
      await world.gateway.stop();
      await upstream.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** A key, a service, an API and their binding, served at /qwen. */
export async function declareQwen(world: World): Promise<void> {
  const post = async (path: string, body: unknown) => {
    const { status, body: answer } = await world.call("POST", path, body);
    if (status !== 201) throw new Error(JSON.stringify(answer));
  };
  await post("/v1/model-keys", { name: "key", value: VENDOR_KEY });
  await post("/v1/model-services", {
    name: "deepseek",
    modelProvider: "DeepSeek",
    protocol: "OpenAI/v1",
    upstreamUrl: world.upstream,
    keys: ["key"],
    modelSelector: "Specify",
    defaultModel: "deepseek-chat",
  });
  await post("/v1/model-apis", API);
  await post("/v1/model-api-bindings", { api: "qwen", service: "deepseek" });
}

export const API = {
  name: "qwen",
  scene: "TextGeneration",
  requestProtocol: "OpenAI",
  basePath: "/qwen",
  stripBasePath: true,
  auth: "none",
};
