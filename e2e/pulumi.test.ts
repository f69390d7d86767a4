import { startWorld, VENDOR_KEY, type World } from "./testing/gateway";
import { type Project, type ProjectOptions, startProject } from "./testing/pulumi";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

/** Every test cleans up what it declared: the next one finds an empty gateway. */
afterEach(async () => {
  for (const { plural } of [
    { plural: "model-api-bindings" },
    { plural: "model-apis" },
    { plural: "model-services" },
    { plural: "model-keys" },
  ]) {
    const { body } = await world.call("GET", `/v1/${plural}?limit=1000`);
    for (const { id, serviceId } of body.items) {
      await world.call("DELETE", `/v1/${plural}/${id}${serviceId ? `?service=${serviceId}` : ""}`);
    }
  }
});

const HEAD = `import * as pulumi from "@pulumi/pulumi";
import * as gateway from "@modelgateway/pulumi";
const config = new pulumi.Config();
`;
const KEY = `const key = new gateway.ModelKey("deepseek-key", { value: config.requireSecret("deepseekKey") });
`;
const service = (name = "deepseek", more = "keys: [key]") =>
  `const ${name} = new gateway.ModelService("${name}", { modelProvider: "DeepSeek", protocol: "OpenAI/v1", upstreamUrl: "${world.upstream}", modelSelector: "Specify", defaultModel: "${name}-chat", ${more} });
`;
const api = (more = 'basePath: "/qwen"') =>
  `const qwen = new gateway.ModelApi("qwen", { scene: "TextGeneration", requestProtocol: "OpenAI", stripBasePath: true, auth: "none", ${more} });
export const routes = qwen.generatedRoutes;
`;
const bind = (
  target = "deepseek",
) => `new gateway.ModelApiBinding("qwen-binding", { api: qwen, service: ${target} });
`;
const whole = () => HEAD + KEY + service() + api() + bind();

async function project(options: ProjectOptions = {}): Promise<Project> {
  const made = await startProject(world, options);
  await made.pulumi("config", "set", "--secret", "deepseekKey", VENDOR_KEY);
  return made;
}

async function up(one: Project, program: string): Promise<void> {
  one.write(program);
  const { ok, output } = await one.pulumi("up", "--yes", "--skip-preview");
  if (!ok) throw new Error(output);
}

const chat = async (path: string) => {
  const answer = await world.ask(path);
  if (answer.status !== 200) return answer.status;
  const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content;
};

test("a program becomes routes: shown by the preview, made by up, and the next preview is empty", async () => {
  const shop = await project();
  shop.write(whole());
  const preview = await shop.pulumi("preview");
  expect(preview.output).toMatch(/\+ POST \/qwen\/v1\/chat\/completions/);
  expect(preview.output).toMatch(/path\s*: "\/qwen\/v1\/chat\/completions"/);
  expect(await chat("/qwen/v1/chat/completions")).toBe(404);

  await up(shop, whole());
  expect(await chat("/qwen/v1/chat/completions")).toBe("Hello from deepseek-chat. You said: hello");
  expect(await shop.pulumi("preview", "--expect-no-changes")).toMatchObject({ ok: true });
  expect(await shop.pulumi("refresh", "--yes", "--expect-no-changes")).toMatchObject({ ok: true });

  expect(await shop.pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ ok: true });
  expect((await world.call("GET", "/v1/routes")).body.items).toEqual([]);
});

test("changes of base path, routes and service are shown, made in place, and leave nothing to do", async () => {
  const shop = await project();
  const spare = service("spare");
  await up(shop, HEAD + KEY + service() + spare + api() + bind());
  const { id } = (await world.call("GET", "/v1/model-apis/qwen")).body;
  const bindingId = (await world.call("GET", "/v1/model-api-bindings/qwen")).body.id;

  shop.write(
    HEAD +
      KEY +
      service() +
      spare +
      api('basePath: "/v2", routes: ["chat-completions", "completions"]') +
      bind("spare"),
  );
  const { ok, output } = await shop.pulumi("preview");
  expect({ ok, output }).toMatchObject({ ok: true });
  expect(output).toMatch(/~ POST \/qwen\/v1\/chat\/completions -> POST \/v2\/v1\/chat\/completions/);
  expect(output).toMatch(/\+ POST \/v2\/v1\/completions/);
  expect(output).not.toMatch(/replace/);

  expect(await shop.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ ok: true });
  expect(await chat("/v2/v1/chat/completions")).toMatch(/^Hello from spare-chat/);
  expect(await shop.pulumi("preview", "--expect-no-changes")).toMatchObject({ ok: true });
  expect((await world.call("GET", "/v1/model-apis/qwen")).body.id).toBe(id);
  expect((await world.call("GET", "/v1/model-api-bindings/qwen")).body.id).toBe(bindingId);
});

test("what the gateway would refuse, the preview refuses, with field and remedy, before anything changes", async () => {
  await world.call("POST", "/v1/model-apis", {
    name: "theirs",
    scene: "TextGeneration",
    requestProtocol: "OpenAI",
    basePath: "/theirs",
  });
  const shop = await project();
  const second = (name: string, more: string) =>
    `new gateway.ModelApi("second", { name: "${name}", scene: "TextGeneration", requestProtocol: "OpenAI", ${more} });\n`;
  const rows: [what: string, program: string, expected: RegExp][] = [
    [
      "a path that another object serves",
      second("second", 'basePath: "/theirs"'),
      /POST \/theirs\/v1\/chat\/completions is taken.*ModelApi\/theirs.*basePath.*Choose another base path/s,
    ],
    [
      "a name that is taken",
      second("theirs", 'basePath: "/x"'),
      /ModelApi\/theirs exists already.*name.*Choose another name/s,
    ],
    [
      "a service that does not exist",
      bind('"nope"'),
      /refers to ModelService\/nope, which does not exist.*service/s,
    ],
    [
      "an API that is bound twice",
      bind() + bind().replace("qwen-binding", "twice"),
      /ModelApi\/qwen is bound already.*one model service at the most/s,
    ],
    [
      "a field that is not valid",
      second("second", 'basePath: "/a/../b"'),
      /`basePath` must be a path such as/,
    ],
  ];
  const before = (await world.call("GET", "/v1/gateway")).body.revision;
  for (const [what, added, expected] of rows) {
    shop.write(HEAD + KEY + service() + api() + added);
    const { ok, output } = await shop.pulumi("up", "--yes");
    expect([what, ok]).toEqual([what, false]);
    expect(output).toMatch(expected);
    expect(output).not.toMatch(/^\s+at /m);
  }
  expect((await world.call("GET", "/v1/gateway")).body.revision).toBe(before);
});

test("a delete that another stack's object depends on is refused by preview, up and destroy, and names it", async () => {
  const platform = await project({ name: "platform" });
  await up(platform, HEAD + KEY + service());
  const product = await project({ name: "product" });
  await up(product, HEAD + api() + bind('"deepseek"'));

  const refusal =
    /ModelService\/deepseek .*is still in use.*ModelApiBinding\/qwen \(managed by pulumi:organization\/product\/dev\)/s;
  platform.write(HEAD + KEY);
  for (const command of [
    ["preview"],
    ["up", "--yes", "--skip-preview"],
    ["destroy", "--yes", "--skip-preview"],
  ]) {
    const { ok, output } = await platform.pulumi(...command);
    expect([command, ok]).toEqual([command, false]);
    expect(output).toMatch(refusal);
  }
  expect(await chat("/qwen/v1/chat/completions")).toMatch(/^Hello from deepseek-chat/);

  expect(await product.pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ ok: true });
  expect(await platform.pulumi("up", "--yes")).toMatchObject({ ok: true });
  expect((await world.call("GET", "/v1/model-services")).body.items).toEqual([]);
});

test("removing an object and all that depends on it passes", async () => {
  const shop = await project();
  await up(shop, whole());
  shop.write(HEAD + KEY + api());
  const preview = await shop.pulumi("preview");
  expect(preview).toMatchObject({ ok: true });
  expect(preview.output).toMatch(/ModelApi\/qwen has no model service/);
  expect(await shop.pulumi("up", "--yes")).toMatchObject({ ok: true });
  expect(await shop.pulumi("preview", "--expect-no-changes")).toMatchObject({ ok: true });
});

test("a program in JavaScript is guarded as well, without a line of its own", async () => {
  const shop = await project({ main: "index.js" });
  const js = (body: string) =>
    body
      .replace(/^import \* as (\w+) from "(.+)";$/gm, 'const $1 = require("$2");')
      .replace(/^export const/gm, "module.exports.x = ");
  await up(shop, js(HEAD + KEY + service()));
  await world.call("POST", "/v1/model-apis", {
    name: "theirs",
    scene: "TextGeneration",
    requestProtocol: "OpenAI",
  });
  await world.call("POST", "/v1/model-api-bindings", { api: "theirs", service: "deepseek" });
  // Even where the program declares nothing any more.
  for (const program of [js(HEAD + KEY), js(HEAD)]) {
    shop.write(program);
    const { ok, output } = await shop.pulumi("preview");
    expect(ok).toBe(false);
    expect(output).toMatch(/ModelApiBinding\/theirs \(no owner\)/);
  }
});

test("a secret is in no state, plan or log, and a new value shows as a change", async () => {
  const shop = await project();
  await up(shop, whole());
  await shop.pulumi("config", "set", "--secret", "deepseekKey", `${VENDOR_KEY}-rotated`);
  const preview = await shop.pulumi("preview", "--diff");
  expect(preview.output).toMatch(/fingerprint/);
  expect(await shop.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ ok: true });
  expect(await shop.pulumi("preview", "--expect-no-changes")).toMatchObject({ ok: true });
  const exported = await shop.pulumi("stack", "export", "--show-secrets");
  // The engine itself keeps the stack's configuration, encrypted, with its own provider resource.
  const { resources } = JSON.parse(exported.output).deployment;
  const ours = resources.filter(({ type }: { type: string }) => type.includes("modelgateway"));
  expect(ours.length).toBe(5);
  for (const [where, text] of [
    ["files", shop.leftBehind()],
    ["preview", preview.output],
    ["state", JSON.stringify(ours)],
    ["log", world.gateway.log()],
  ]) {
    expect([where, text?.includes(VENDOR_KEY)]).toEqual([where, false]);
  }
});

test("an object that was changed or deleted elsewhere is healed", async () => {
  const shop = await project();
  await up(shop, whole());
  const { body } = await world.call("GET", "/v1/model-apis/qwen");
  await world.call("PUT", "/v1/model-apis/qwen", { ...body, basePath: "/drift" });
  expect(await shop.pulumi("up", "--yes", "--refresh")).toMatchObject({ ok: true });
  expect(await chat("/qwen/v1/chat/completions")).toMatch(/^Hello/);
});

test("without an endpoint the error says how to set one", async () => {
  const shop = await project({ env: { MODELGATEWAY_ENDPOINT: "" } });
  shop.write(whole());
  const { ok, output } = await shop.pulumi("preview");
  expect(ok).toBe(false);
  expect(output).toMatch(/modelgateway:endpoint/);
  expect(output).toMatch(/MODELGATEWAY_ENDPOINT/);
});

test("with the gateway away the preview shows the routes and says what it could not verify", async () => {
  const shop = await project({ env: { MODELGATEWAY_ENDPOINT: "http://127.0.0.1:9" } });
  shop.write(whole());
  const { ok, output } = await shop.pulumi("preview");
  expect(ok).toBe(false);
  expect(output).toMatch(/path\s*: "\/qwen\/v1\/chat\/completions"|routes are shown|Routes are shown/);
  expect(output).toMatch(/not verified/);
});
