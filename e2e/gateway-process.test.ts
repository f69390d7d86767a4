import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import OpenAI from "openai";
import { run } from "../tools/src/process";
import { startGateway } from "../tools/src/server-process";
import { API, declareQwen, startWorld, VENDOR_KEY, type World } from "./testing/gateway";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.end());

/** The worker processes of a gateway, as the kernel lists them. */
function workersOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = readFileSync(`/proc/${candidate}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]) === pid;
      } catch {
        return false;
      }
    });
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within 10 seconds`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("an OpenAI client is answered through a declared route, whole and in a stream", async () => {
  await declareQwen(world);
  const client = new OpenAI({ baseURL: `${world.gateway.ready.dataPlane}/qwen/v1`, apiKey: "none" });
  const request = { model: "any", messages: [{ role: "user" as const, content: "hello" }] };
  const whole = await client.chat.completions.create(request);
  expect(whole.choices[0]?.message.content).toBe("Hello from deepseek-chat. You said: hello");
  let streamed = "";
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? "";
  }
  expect(streamed).toBe("Hello from deepseek-chat. You said: hello");
});

test("an API with `auth: apiKey` lets nobody in while there are no consumers", async () => {
  await declareQwen(world);
  await world.call("PUT", "/v1/model-apis/qwen", { ...API, auth: "apiKey" });
  expect((await world.ask("/qwen/v1/chat/completions")).status).toBe(401);
});

test("a write is served when it was answered", async () => {
  await declareQwen(world);
  for (let round = 0; round < 50; round++) {
    const basePath = `/p${round}`;
    expect((await world.call("PUT", "/v1/model-apis/qwen", { ...API, basePath })).status).toBe(200);
    expect((await world.ask(`${basePath}/v1/chat/completions`)).status).toBe(200);
    if (round > 0) expect((await world.ask(`/p${round - 1}/v1/chat/completions`)).status).toBe(404);
  }
});

test("a rebind sends the next request to the new service", async () => {
  await declareQwen(world);
  const { body: service } = await world.call("GET", "/v1/model-services/deepseek");
  await world.call("POST", "/v1/model-services", { ...service, name: "spare", defaultModel: "spare-model" });
  await world.call("PUT", "/v1/model-api-bindings/qwen", { api: "qwen", service: "spare" });
  expect(await (await world.ask("/qwen/v1/chat/completions")).text()).toContain("Hello from spare-model");
});

test("after SIGTERM it drains and ends with 0", async () => {
  expect(await world.gateway.stop()).toBe(0);
});

test("its workers end when it is killed", async () => {
  const workers = workersOf(world.gateway.pid);
  expect(workers.length).toBeGreaterThan(0);
  await world.gateway.kill();
  await until("the end of the workers", () => !workers.some(isAlive));
});

test("every acknowledged write is there after a kill under load, and nothing is half there", async () => {
  for (let round = 0; round < 5; round++) {
    const acknowledged: string[] = [];
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let at = 0; ; at++) {
        const name = `r${round}-w${writer}-${at}x`.replace(/^/, "k");
        const answer = await world
          .call("POST", "/v1/model-keys", { name, value: VENDOR_KEY })
          .catch(() => undefined);
        if (answer?.status !== 201) return;
        acknowledged.push(name);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 100 + round * 37));
    await world.gateway.kill();
    await Promise.all(writers);
    await world.restart();
    const names = new Set<string>();
    for (let cursor = ""; ; ) {
      const { body } = await world.call("GET", `/v1/model-keys?limit=1000${cursor}`);
      for (const { name, fingerprint } of body.items) {
        names.add(name);
        expect(fingerprint).toMatch(/^v1\./);
      }
      if (!body.nextCursor) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  }
});

test("a killed worker is replaced, and no control call fails for it", async () => {
  await declareQwen(world);
  const [worker] = workersOf(world.gateway.pid);
  process.kill(worker!, "SIGKILL");
  for (let round = 0; round < 10; round++) {
    const answer = await world.call("PUT", "/v1/model-apis/qwen", { ...API, description: `${round}` });
    expect(answer.status).toBe(200);
  }
  await until(
    "an answer",
    async () => (await world.ask("/qwen/v1/chat/completions").catch(() => undefined))?.status === 200,
  );
});

test("a worker that is silent is killed, and the write is answered without it", async () => {
  await declareQwen(world);
  const [worker] = workersOf(world.gateway.pid);
  process.kill(worker!, "SIGSTOP");
  const answer = await world.call("PUT", "/v1/model-apis/qwen", { ...API, description: "silent" });
  expect(answer.status).toBe(200);
  await until("the end of the worker", () => !workersOf(world.gateway.pid).includes(worker!));
});

test("a second signal ends it at once", async () => {
  await declareQwen(world);
  const held = connect(Number(new URL(world.gateway.ready.dataPlane).port), "127.0.0.1");
  const head = "POST /qwen/v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json";
  held.write(`${head}\r\nContent-Length: 5\r\n\r\n{`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  held.on("error", () => {});
  process.kill(world.gateway.pid, "SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(world.gateway.pid, "SIGTERM");
  expect(await world.gateway.stop()).toBe(1);
  held.destroy();
});

test("a second gateway on the same data is refused, and the first goes on", async () => {
  const second = startGateway(world.dataDir, { logFile: join(world.folder, "second.log") });
  await expect(second).rejects.toThrow(/gateway\.db is in use by another gateway/);
  expect((await world.call("GET", "/v1/gateway")).status).toBe(200);
});

test.each(["control", "dataPlane"] as const)("a %s port that is taken is said in one line", async (which) => {
  const { port } = new URL(world.gateway.ready[which]);
  const cli = require.resolve("@modelgateway/gateway/bin/modelgateway.js");
  const args = [
    cli,
    "serve",
    "--data-dir",
    join(world.folder, "other"),
    "--control",
    "127.0.0.1:0",
    "--data-plane",
    "127.0.0.1:0",
  ];
  args[args.indexOf(which === "control" ? "--control" : "--data-plane") + 1] = `127.0.0.1:${port}`;
  await expect(run(process.execPath, args)).rejects.toThrow(/EADDRINUSE/);
});

test("no secret is in a log, in the database, or in an answer", async () => {
  await declareQwen(world);
  await world.ask("/qwen/v1/chat/completions");
  await world.call("POST", "/v1/model-keys", { name: "1", value: VENDOR_KEY });
  const objects = await world.call("GET", "/v1/model-keys");
  await world.gateway.stop();
  const files = readdirSync(world.dataDir)
    .filter((name) => name.startsWith("gateway.db"))
    .map((name) => readFileSync(join(world.dataDir, name)).toString("latin1"));
  const told = [world.gateway.log(), JSON.stringify(objects.body), ...files].join("\n");
  expect(told).not.toContain(VENDOR_KEY);
  expect(told).not.toContain(Buffer.from(VENDOR_KEY).toString("base64"));
  expect(world.gateway.log()).not.toContain(world.token);
  for (const name of readdirSync(world.dataDir)) {
    expect([name, statSync(join(world.dataDir, name)).mode & 0o077]).toEqual([name, 0]);
  }
});
