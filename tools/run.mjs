#!/usr/bin/env node
// Starts a command of tools/ on a fresh clone: installs, builds, and hands over to tools/dist/<command>.js.
// Plain Node without dependencies, because it runs before anything is installed.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMANDS = ["quickstart", "test"];
const STEP_GRACE_MS = 2_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);

/** The running step, the signal that was sent to this process, and whether the command itself runs now. */
let child;
let received;
let handedOver = false;

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    received = signal;
    if (!child) process.exit(exitCodeOf(signal));
    const { pid } = child;
    signalGroup(pid, signal);
    // npm takes its time to undo half an install. What it leaves when it is killed is repaired by the next one.
    if (!handedOver) setTimeout(() => signalGroup(pid, "SIGKILL"), STEP_GRACE_MS);
  });
}

if (!COMMANDS.includes(command)) {
  console.error(`Usage: node tools/run.mjs ${COMMANDS.join("|")} [arguments]`);
  process.exit(2);
}
if (!isSupported(process.versions.node)) {
  fail(`Node ^20.19 or >=22.14 is needed; this is ${process.versions.node} (${process.execPath}).`);
}
if (!isInstalled()) {
  await step("Installing dependencies (npm ci; some 20 seconds, once)", "npm", [
    "ci",
    "--include=dev",
    "--no-audit",
    "--no-fund",
  ]);
}
await step("Building (npm run build)", "npm", ["run", "build", "--silent"]);
handedOver = true;
process.exit(await run(process.execPath, [join(root, "tools/dist", `${command}.js`), ...args]));

function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 14) || major > 22;
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own record as the last step of
 * an install, so an interrupted one counts as none, and one made by hand is not repeated.
 */
function isInstalled() {
  const wanted = packagesOf("package-lock.json");
  const installed = packagesOf("node_modules/.package-lock.json");
  // Optional packages are absent when they are for another platform; the entry "" is the project itself.
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === "" || (path in installed ? installed[path].version === version : optional),
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return {};
  }
}

async function step(progress, program, programArgs) {
  console.error(`> ${progress}`);
  const code = await run(program, programArgs);
  if (received) process.exit(exitCodeOf(received));
  if (code !== 0) fail(`${program} ${programArgs[0]} failed (exit code ${code}); its output is above.`, code);
}

/** Runs to the end in a process group of its own, so that a signal reaches grandchildren too. */
function run(program, programArgs) {
  return new Promise((resolve) => {
    child = spawn(program, programArgs, { cwd: root, stdio: "inherit", detached: true });
    const { pid } = child;
    child.on("error", (error) => fail(`${program} could not be started: ${error.message}`));
    child.on("exit", (code, signal) => {
      child = undefined;
      signalGroup(pid, "SIGKILL");
      resolve(code ?? exitCodeOf(signal));
    });
  });
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** What a shell reports for a process that died of this signal: 130 for SIGINT, 143 for SIGTERM. */
function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

function fail(message, code = 1) {
  console.error(message);
  // Whoever reads the last line of a test run finds the total there, whatever happened.
  if (command === "test") console.log("0 passed, 1 failed");
  process.exit(code);
}
