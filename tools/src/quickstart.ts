/**
 * Program: a guided tour on a fresh machine (`npm run quickstart`). A real gateway, a stand-in for the model
 * vendor and the real Pulumi CLI, all in a temporary folder that goes when the tour ends; `--keep` leaves it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { findPulumi } from "./engines/pulumi";
import { CommandError, main, onExit } from "./process";
import { copyExample, type PulumiProject } from "./pulumi-project";
import { Narrator } from "./quickstart/narrator";
import { otherTeam } from "./quickstart/other-team";
import { startGateway, startMockUpstream } from "./server-process";

const EXAMPLE = "pulumi-quickstart";
const BINDING = 'new gateway.ModelApiBinding("qwen-deepseek", { api: qwen, service: deepseek });';
const VENDOR_KEY = "sk-quickstart-0123456789";

void main(async () => {
  const keep = process.argv.includes("--keep");
  const unknown = process.argv.slice(2).filter((argument) => argument !== "--keep");
  if (unknown.length > 0) throw new Error(`Unknown argument ${unknown[0]}. The only one is --keep.`);
  await tour(new Narrator(), keep);
  return 0;
});

async function tour(tell: Narrator, keep: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "modelgateway-quickstart-"));
  // Registered before the servers are, so it runs after they have ended.
  const keepFolder = onExit(() => rmSync(folder, { recursive: true, force: true }));

  tell.chapter("The Pulumi CLI");
  const pulumi = await findPulumi({ log: (line) => tell.say(line) });
  tell.say(
    `Pulumi ${pulumi.version}, from ${{ path: "your PATH", cache: "the cache", download: "the official download", build: "a build of its Go module" }[pulumi.source]}.`,
  );

  tell.chapter("A gateway, and a stand-in for the model vendor");
  const dataDir = join(folder, "gateway");
  const detached = { detached: true };
  const gateway = await startGateway(dataDir, { ...detached, logFile: join(folder, "gateway.log") });
  const upstream = await startMockUpstream({ ...detached, logFile: join(folder, "upstream.log") });
  const tokenFile = join(dataDir, "admin.token");
  const token = readFileSync(tokenFile, "utf8").trim();
  tell.say(`Control API  ${gateway.ready.control}   (what Pulumi talks to)`);
  tell.say(`Data plane   ${gateway.ready.dataPlane}   (what clients call)`);
  tell.say(`Model vendor ${upstream.ready.url}   (echoes, costs nothing)`);

  const project = copyExample(EXAMPLE, join(folder, "program"), pulumi, {
    MODELGATEWAY_ENDPOINT: gateway.ready.control,
    MODELGATEWAY_TOKEN: token,
  });
  await configure(project, upstream.ready.url);
  const show = shower(tell, project);

  tell.chapter("The program");
  for (const line of program(project).trimEnd().split("\n")) tell.output(line);

  tell.chapter("The preview shows the routes that will exist");
  await show("preview");

  tell.chapter("pulumi up makes them");
  await show("up", "--yes", "--skip-preview");

  tell.chapter("Any OpenAI client can call the new route");
  const baseURL = `${gateway.ready.dataPlane}/qwen/v1`;
  await call(tell, baseURL);
  await stream(tell, baseURL);

  tell.chapter("Nothing has changed, so the next preview is empty");
  await show("preview", "--expect-no-changes");

  tell.chapter("Another base path: the preview shows the old path and the new one");
  const before = program(project);
  edit(tell, project, 'basePath: "/qwen"', 'basePath: "/v2/qwen"');
  await show("preview");
  writeFileSync(programFile(project), before);

  tell.chapter("A delete that would fail is refused before anything happens");
  const team = otherTeam(gateway.ready.control, token);
  await team.bind("deepseek");
  tell.say(
    "Meanwhile another team has bound its API `support-chat` to our service, from a program of its own.",
  );
  tell.say("We do not know, and remove the service, and what needs it, from our program:");
  edit(tell, project, serviceBlock(before), "");
  edit(tell, project, BINDING, "");
  await refused(show("preview"));
  writeFileSync(programFile(project), before);
  tell.say("The same holds for the whole stack:");
  await refused(show("destroy", "--yes", "--skip-preview"));
  tell.say("Nothing was deleted; the service still answers:");
  await call(tell, baseURL);

  if (keep) {
    for (const release of [gateway.release, upstream.release, keepFolder]) release();
    tell.chapter("Everything stays");
    tell.say(`Control API  ${gateway.ready.control}`);
    tell.say(`Data plane   ${gateway.ready.dataPlane}   for example ${baseURL}/chat/completions`);
    tell.say(`Token        ${tokenFile}`);
    tell.say(`Program      ${project.folder}`);
    tell.say(`To end it:   kill ${gateway.pid} ${upstream.pid} && rm -r ${folder}`);
    return;
  }

  tell.chapter("The other team moves away, and pulumi destroy cleans up");
  await team.leave("deepseek");
  await show("destroy", "--yes", "--skip-preview");
  tell.say("");
  tell.say("That was the tour. `npm run quickstart -- --keep` leaves all of it running;");
  tell.say("docs/own-gateway.md shows how to point a program at a gateway of your own.");
}

async function refused(command: Promise<void>): Promise<void> {
  const error = await command.then(
    () => new Error("the command should have been refused"),
    (failure: unknown) => failure,
  );
  if (!(error instanceof CommandError)) throw error;
}

/** From the key to the binding, but for the API in between. */
function serviceBlock(text: string): string {
  const from = text.indexOf("// The vendor's key");
  return text.slice(from, text.indexOf("// What clients call"));
}

const programFile = (project: PulumiProject): string => join(project.folder, "index.ts");
const program = (project: PulumiProject): string => readFileSync(programFile(project), "utf8");

async function configure(project: PulumiProject, upstreamUrl: string): Promise<void> {
  await project.pulumi(["stack", "init", "dev"]);
  await project.pulumi(["config", "set", "upstreamUrl", upstreamUrl]);
  await project.pulumi(["config", "set", "--secret", "deepseekKey", VENDOR_KEY]);
}

/** Runs a command of the CLI and shows what it prints, less what says nothing. */
function shower(tell: Narrator, project: PulumiProject) {
  return async (...args: string[]): Promise<void> => {
    tell.command(`pulumi ${args.filter((argument) => argument !== "--skip-preview").join(" ")}`);
    let last = "";
    await project.pulumi([...args, "--suppress-progress"], (line) => {
      if (line.trim() === "" && last.trim() === "") return;
      last = line;
      tell.output(line);
    });
  };
}

function edit(tell: Narrator, project: PulumiProject, from: string, to: string): void {
  const before = program(project);
  if (!before.includes(from)) throw new Error(`the program does not contain ${from}`);
  writeFileSync(programFile(project), before.replace(from, to));
  tell.edit("index.ts", from, to);
}

const ask = (content: string) => ({ model: "any", messages: [{ role: "user" as const, content }] });

async function call(tell: Narrator, baseURL: string): Promise<void> {
  const client = new OpenAI({ baseURL, apiKey: "not-needed-here" });
  tell.command(`new OpenAI({ baseURL: "${baseURL}" }).chat.completions.create(...)`);
  const answer = await client.chat.completions.create(ask("Who are you?"));
  tell.output(answer.choices[0]?.message.content ?? "");
}

async function stream(tell: Narrator, baseURL: string): Promise<void> {
  const client = new OpenAI({ baseURL, apiKey: "not-needed-here" });
  tell.command("the same with stream: true, chunk by chunk");
  const chunks: string[] = [];
  for await (const chunk of await client.chat.completions.create({
    ...ask("And now in pieces."),
    stream: true,
  })) {
    const content = chunk.choices[0]?.delta.content;
    if (content) chunks.push(content);
  }
  tell.output(chunks.map((chunk) => `[${chunk}]`).join(" "));
}
