import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { currentProgram, type Declaration } from "./program";
import { isCliProgram, stackOwner } from "./sdk";
import { PROVIDER_KEY } from "./state";
import { providerText, typeToken } from "./type-token";

const GUARD = "DeletionGuard";

/** Comes after everything else, see guard-provider.ts. */
class DeletionGuard extends pulumi.CustomResource {
  constructor(declarations: readonly Declaration[]) {
    // In a fixed order: programs declare asynchronously, and another order is no change.
    const sorted = [...declarations].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    super(
      typeToken(GUARD),
      "modelgateway-guard",
      {
        declared: sorted.map(({ kind, as, resource: { id } }) => ({ kind, as, id })),
        managedBy: stackOwner(),
        [PROVIDER_KEY]: providerText(GUARD),
      },
      { dependsOn: sorted.map(({ resource }) => resource) },
    );
  }
}

const keyOf = ({ kind, as }: Declaration): string => `${kind} ${as}`;

/** Registers the guard of the running program, once. */
function closeProgram(): void {
  const program = currentProgram();
  if (program.close()) new DeletionGuard(program.declarations);
}

/**
 * Under the CLI, registers the guard when the program has nothing left to do. The last resource of a program may be
 * declared long after its last line has run; only then is the list complete.
 */
export function guardCliProgram(): void {
  if (!isCliProgram()) return;
  let hasFailed = false;
  const fail = () => {
    hasFailed = true;
  };
  // Of a program that failed only a part of the resources is known. The CLI listens to both events as well.
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  process.once(
    "beforeExit",
    AsyncResource.bind((code: number) => {
      if (!hasFailed && code === 0) closeProgram();
    }),
  );
}

/**
 * Guards a program that runs inline (Automation API), where the process does not end with the program:
 * `LocalWorkspace.createOrSelectStack({ stackName, projectName, program: guarded(async () => { … }) })`.
 */
export function guarded<T>(program: () => T | Promise<T>): () => Promise<T> {
  return async () => {
    const outputs = await program();
    closeProgram();
    return outputs;
  };
}
