import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformFileSync } from "@swc/core";
import { CommandError, run } from "./process";

const node = (program: string) => ["-e", program];

describe("run", () => {
  test("answers standard output, and passes every line on", async () => {
    const lines: string[] = [];
    const args = node(`console.log("out"); console.error("err")`);
    await expect(run(process.execPath, args, { onLine: (line) => lines.push(line) })).resolves.toBe("out\n");
    expect(lines.sort()).toEqual(["err", "out"]);
  });

  const failures: [
    what: string,
    command: string,
    args: string[],
    message: RegExp,
    exitCode: number | undefined,
  ][] = [
    [
      "an exit code, with the output",
      "sh",
      ["-c", "echo why; exit 3"],
      /`sh .*` failed with exit code 3\nwhy$/,
      3,
    ],
    ["a signal", "sh", ["-c", "kill -9 $$"], /was ended by SIGKILL$/, undefined],
    ["an unknown command", "no-such-command", [], /`no-such-command` was not found$/, undefined],
    ["the time limit", "sleep", ["60"], /`sleep 60` took longer than 200 ms$/, undefined],
  ];
  test.each(failures)("fails by %s", async (_what, command, args, message, exitCode) => {
    const error = await run(command, args, { timeoutMs: 200 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), exitCode });
  });

  test("leaves no straggler", async () => {
    const pid = Number(await run("sh", ["-c", "sleep 60 & echo $!"]));
    expect(await isGone(pid)).toBe(true);
  });
});

describe("main", () => {
  const folder = mkdtempSync(join(tmpdir(), "modelgateway-process-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const { code } = transformFileSync(join(__dirname, "process.ts"), {
      module: { type: "commonjs" },
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    });
    writeFileSync(join(folder, "process.js"), code);
  });

  /** A program with two exit actions, the newer of which runs a command. */
  const program = (body: string) => `
    const { main, onExit, run } = require(${JSON.stringify(join(folder, "process.js"))});
    void main(async () => {
      onExit(() => console.log("older"));
      onExit(async () => console.log("newer " + (await run("echo", ["ran"])).trim()));
      ${body}
    });`;
  const CLEANED = ["newer ran", "older"];

  const endings: [what: string, body: string, code: number, output: string[]][] = [
    ["an exit code", "return 3;", 3, CLEANED],
    ["an error", `throw new Error("broken");`, 1, ["broken", ...CLEANED]],
    [
      "an error in an event",
      `setTimeout(() => { throw new Error("late"); }); await new Promise(() => {});`,
      1,
      ["late", ...CLEANED],
    ],
    [
      "a failing exit action",
      `onExit(() => { throw new Error("stuck"); }); return 0;`,
      0,
      ["While cleaning up: stuck", ...CLEANED],
    ],
    ["an exit action taken back", `onExit(() => console.log("unneeded"))(); return 0;`, 0, CLEANED],
    ["a command that still runs", `void run("sleep", ["60"]); return 0;`, 0, CLEANED],
  ];
  test.each(endings)("ends with %s", async (_what, body, code, output) => {
    const ended = await started(program(body)).ended;
    expect(ended).toEqual({ code, output });
  });

  const WORKING = `
    await run("sh", ["-c", "sleep 60 & echo $!; wait"], { onLine: (pid) => console.log("pid " + pid) }).catch(() => {});
    console.log("went on");`;
  const STUBBORN = `
    onExit(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
    ${WORKING}`;
  const signals: [
    what: string,
    body: string,
    signals: [NodeJS.Signals, pauseMs: number][],
    code: number,
    output: string[],
  ][] = [
    ["SIGINT", WORKING, [["SIGINT", 0]], 130, CLEANED],
    ["SIGTERM", WORKING, [["SIGTERM", 0]], 143, CLEANED],
    [
      "SIGINT sent twice at once",
      WORKING,
      [
        ["SIGINT", 0],
        ["SIGINT", 0],
      ],
      130,
      CLEANED,
    ],
    [
      "a second, later SIGINT",
      STUBBORN,
      [
        ["SIGINT", 1_100],
        ["SIGINT", 0],
      ],
      130,
      [],
    ],
  ];
  test.each(signals)("cleans up on %s", async (_what, body, sent, code, output) => {
    const { child, firstLine, ended } = started(program(body));
    const pid = Number((await firstLine).replace("pid ", ""));
    for (const [signal, pauseMs] of sent) {
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    expect(await ended).toEqual({ code, output: [`pid ${pid}`, ...output] });
    expect(await isGone(pid)).toBe(true);
  });
});

function started(program: string) {
  const child: ChildProcess = spawn(process.execPath, node(program), { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const firstLine = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        text += chunk;
        if (text.includes("\n")) resolve(text.split("\n")[0] ?? "");
      });
    }
  });
  const ended = new Promise<{ code: number | null; output: string[] }>((resolve) =>
    child.on("close", (code) => resolve({ code, output: text.split("\n").filter((line) => line !== "") })),
  );
  return { child, firstLine, ended };
}

/** Whether a process has ended, or does so within a second; a dead one that nobody has collected yet counts. */
async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    if (stdout === "" || stdout.startsWith("Z")) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
