/**
 * The entry of a data-plane worker: told what to serve over IPC (`ToWorker`), it answers with `FromWorker`. It
 * listens once its first snapshot is compiled, and lives no longer than its primary. Host, port and limits come
 * through the environment; `worker-settings.ts` says how the primary gives them.
 */
import type { FromWorker, ToWorker } from "@modelgateway/schema";
import { pino } from "pino";
import { createDataPlane } from "./server";
import { workerSettings } from "./worker-settings";

const DRAIN_MS = 30_000;

const settings = workerSettings(process.env);
// Standard output is the primary's, for its one line.
const log = pino({ name: "data-plane", level: "warn" }, pino.destination(2));

const plane = createDataPlane({
  ...settings,
  // Where, not what: an error's other members can hold bytes of a request or a reply.
  onDefect: (error) => log.error({ stack: error instanceof Error ? error.stack : undefined }, "defect"),
});
let isOpening = false;

process.on("message", (message: ToWorker) => void serve(message));
// The primary is gone, and with it whoever could tell what to serve.
process.on("disconnect", () => process.exit());
process.on("SIGTERM", () => void drain());
// The terminal sends it to every process of the group; what it means is the primary's to say.
process.on("SIGINT", () => undefined);

async function serve({ type, delta }: ToWorker): Promise<void> {
  if (type === "snapshot") plane.replace(delta);
  else plane.apply(delta);
  if (isOpening) {
    tell({ type: "served", revision: delta.revision });
    return;
  }
  isOpening = true;
  try {
    const port = await plane.listen(settings.host, settings.port);
    tell({ type: "listening", revision: delta.revision, port });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    tell({ type: "failed", problem }, () => process.exit(1));
  }
}

async function drain(): Promise<void> {
  await plane.close(settings.drainMs ?? DRAIN_MS);
  process.exit(0);
}

function tell(message: FromWorker, sent: () => void = () => undefined): void {
  // Without a callback, a primary that died this very moment would be an uncaught error.
  process.send?.(message, undefined, undefined, sent);
}
