import { Command, InvalidArgumentError } from "commander";
import { startMockUpstream } from "../mock-upstream/server";
import { type Address, serve } from "../serve";

const program = new Command("modelgateway")
  .description("An AI gateway that is declared as code.")
  .version(require("../../package.json").version);

program
  .command("serve")
  .description("Run the gateway: control API and data plane on an embedded store.")
  .option("--data-dir <dir>", "where the data lives; made where it is missing", "./modelgateway-data")
  .option(
    "--control <host:port>",
    "where the control API listens; port 0 picks one",
    address,
    address("127.0.0.1:8081"),
  )
  .option(
    "--data-plane <host:port>",
    "where clients call; port 0 picks one",
    address,
    address("127.0.0.1:8080"),
  )
  .option("--workers <count>", "data-plane processes", count, 1)
  .action(async ({ dataDir, control, dataPlane, workers }) => {
    const serving = await serve({ dataDir, control, dataPlane, workers, environment: process.env });
    endOnSignal(serving.stop);
    print({ ready: true, control: serving.control, dataPlane: serving.dataPlane });
  });

program
  .command("mock-upstream")
  .description(
    "Run a stand-in for a model vendor: OpenAI-compatible, answers in words which model was asked.",
  )
  .option("--listen <host:port>", "where it listens; port 0 picks one", address, address("127.0.0.1:0"))
  .action(async ({ listen }: { listen: Address }) => {
    const upstream = await startMockUpstream(listen);
    endOnSignal(() => upstream.close());
    print({ ready: true, url: upstream.url });
  });

/** One JSON line on standard output tells whoever started the process that it is ready; logs go to stderr. */
function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function endOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for requests that run.
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(
        () => process.exit(0),
        (error: Error) => fail(error),
      );
    });
  }
}

function address(text: string): Address {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (!host || Number(port) > 65_535)
    throw new InvalidArgumentError("Give HOST:PORT, for example 127.0.0.1:8080.");
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function count(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError("Give a number from 1 to 99.");
  return Number(text);
}

/** A failure to start is one line, never a stack trace. */
function fail(error: Error): never {
  process.stderr.write(`modelgateway: ${error.message}\n`);
  process.exit(1);
}

program.parseAsync().catch(fail);
