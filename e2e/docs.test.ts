import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startWorld, type World } from "./testing/gateway";
import { startProject } from "./testing/pulumi";

const ROOT = join(__dirname, "..");
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

const pages = ["README.md", "CONTRIBUTING.md", "docs", "docs/reference"].flatMap((path) =>
  path.endsWith(".md")
    ? [path]
    : readdirSync(join(ROOT, path))
        .filter((name) => name.endsWith(".md"))
        .map((name) => `${path}/${name}`),
);
const read = (page: string) => readFileSync(join(ROOT, page), "utf8");
const blocks = (page: string, language: string) =>
  [...read(page).matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, block]) => block!,
  );

test.each(pages)("the links of %s lead somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
  expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
});

test.each(pages)("the scripts that %s names exist", (page) => {
  const { scripts } = JSON.parse(read("package.json"));
  const named = [...read(page).matchAll(/npm run ([\w-]+)/g)].map(([, name]) => name!);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("the inline program of docs/guard.md is a program", async () => {
  const project = await startProject(world);
  const [example] = blocks("docs/guard.md", "ts");
  project.write(`${example}\nvoid program();\n`.replace(/^ {2}/gm, ""));
  const { ok, output } = await project.pulumi("preview");
  expect({ ok, output }).toMatchObject({ ok: true });
  expect(output).toMatch(/modelgateway-guard/);
});

test("the guard's mode is set as docs/guard.md says", async () => {
  const project = await startProject(world);
  const [setting] = blocks("docs/guard.md", "sh");
  expect(await project.pulumi(...setting!.trim().split(" ").slice(1))).toMatchObject({ ok: true });
  project.write(
    'import * as g from "@modelgateway/pulumi";\nnew g.ModelApiBinding("b", { api: "nope", service: "nope" });\n',
  );
  const { ok, output } = await project.pulumi("preview");
  expect({ ok, output }).toMatchObject({ ok: true });
  expect(output).toMatch(/warning: .*ModelApi\/nope, which does not exist/);
});

test("the gateway starts as docs/own-gateway.md says", async () => {
  const [command] = blocks("docs/own-gateway.md", "sh");
  const words = command!
    .trim()
    .replace("/var/lib/modelgateway", join(world.folder, "own"))
    .replace(/:808[01]/g, ":0")
    .replace("0.0.0.0", "127.0.0.1")
    .split(" ");
  expect(words.slice(0, 2)).toEqual(["npx", "modelgateway"]);
  const bin = join(ROOT, "node_modules/.bin/modelgateway");
  const gateway = spawn(bin, words.slice(2), { stdio: ["ignore", "pipe", "ignore"] });
  const line = await new Promise<string>((resolve) =>
    gateway.stdout.once("data", (data) => resolve(String(data))),
  );
  expect(JSON.parse(line)).toMatchObject({ ready: true });
  gateway.kill();
  expect(await new Promise((resolve) => gateway.once("exit", resolve))).toBe(0);
  const made = readdirSync(join(world.folder, "own")).sort();
  expect(made).toEqual(expect.arrayContaining(["admin.token", "gateway.db", "master.key"]));
});

test("a stack is pointed at a gateway as docs/own-gateway.md says, and the examples of the reference run", async () => {
  const project = await startProject(world, { env: { MODELGATEWAY_ENDPOINT: "", MODELGATEWAY_TOKEN: "" } });
  const [, settings] = blocks("docs/own-gateway.md", "sh");
  for (const line of settings!.trim().split("\n")) {
    const words = line
      .replace("http://127.0.0.1:8081", world.gateway.ready.control)
      .replace('"$(cat /var/lib/modelgateway/admin.token)"', world.token)
      .split(" ");
    expect(words[0]).toBe("pulumi");
    expect(await project.pulumi(...words.slice(1))).toMatchObject({ ok: true });
  }
  for (const page of pages.filter((one) => one.startsWith("docs/reference/"))) {
    for (const example of blocks(page, "ts")) {
      project.write(example);
      for (const [, setting] of example.matchAll(/requireSecret\("(\w+)"\)/g)) {
        await project.pulumi("config", "set", "--secret", setting!, "sk-example-0123456789");
      }
      expect({ page, ...(await project.pulumi("preview")) }).toMatchObject({ page, ok: true });
    }
  }
});
