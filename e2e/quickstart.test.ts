import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../tools/src/process";

const ROOT = join(__dirname, "..");
const QUICKSTART = join(ROOT, "tools/dist/quickstart.js");

/** A temporary folder of its own, so that what is left behind is easy to see. */
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "modelgateway-tour-"));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

const env = () => ({ ...process.env, TMPDIR: temporary, NO_COLOR: "1" });
/** Pulumi's and Node's own caches aside. */
const left = () => readdirSync(temporary).filter((name) => name.startsWith("modelgateway"));
const processes = () =>
  execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(temporary));
const gitStatus = () => execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" });

const words = (line: string) => line.replace(/^\s*│?\s*/, "").trimEnd();

/** The lines of all fenced blocks of a language in a Markdown file. */
function fenced(file: string, language: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, block]) => block!,
  );
}

test("the tour goes through, shows what the README shows, and leaves nothing behind", async () => {
  const before = gitStatus();
  const output = await run(process.execPath, [QUICKSTART], { cwd: ROOT, env: env() });
  const told = new Set(output.split("\n").map(words));
  expect(output).toContain("Hello from deepseek-chat. You said: Who are you?");
  expect(output).toContain("[Hello from deepseek-chat. ] [You said: And ] [now in pieces.]");
  const shown = [...fenced("README.md", "text"), readFileSync(join(ROOT, "docs/preview.txt"), "utf8")].join(
    "\n",
  );
  const missing = shown
    .split("\n")
    .filter((line) => !line.startsWith("$") && line !== "" && !told.has(words(line)));
  expect(missing).toEqual([]);
  expect({ left: left(), processes: processes(), git: gitStatus() }).toEqual({
    left: [],
    processes: [],
    git: before,
  });
});

test("the README's program is the example", () => {
  const [program] = fenced("README.md", "ts");
  expect(readFileSync(join(ROOT, "examples/pulumi-quickstart/index.ts"), "utf8")).toBe(program);
});

test.each(["A gateway, and a stand-in", "The preview shows", "pulumi up makes them"])(
  "Ctrl-C in the chapter `%s` leaves no process and no folder",
  async (chapter) => {
    const tour = spawn(process.execPath, [QUICKSTART], {
      cwd: ROOT,
      env: env(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise<number | null>((resolve) => tour.once("exit", resolve));
    let output = "";
    await new Promise<void>((resolve) => {
      tour.stdout.on("data", (chunk) => {
        output += chunk;
        if (output.includes(chapter)) resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    tour.kill("SIGINT");
    expect(await ended).toBe(130);
    expect({ left: left(), processes: processes() }).toEqual({ left: [], processes: [] });
  },
);

test("--keep leaves everything running and says how to end it", async () => {
  const output = await run(process.execPath, [QUICKSTART, "--keep"], { cwd: ROOT, env: env() });
  const [, gateway, upstream] = /kill (\d+) (\d+) && rm -r/.exec(output) ?? [];
  const [, control] = /Control API {2}(\S+)/.exec(output) ?? [];
  const [, tokenFile] = /Token +(\S+)/.exec(output) ?? [];
  try {
    const token = readFileSync(tokenFile!, "utf8").trim();
    const answer = await fetch(`${control}/v1/model-apis/qwen`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  } finally {
    for (const pid of [gateway, upstream]) process.kill(Number(pid), "SIGTERM");
  }
});
