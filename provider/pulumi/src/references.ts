import { type Kind, referenceFields } from "@modelgateway/schema";
import * as pulumi from "@pulumi/pulumi";
import type { Program } from "./program";
import { programError, typeOf } from "./sdk";
import { typeToken } from "./type-token";

/** The reference fields of a resource's arguments as names, each with the dependency on what it names. */
export function referenceNames(
  kind: Kind,
  args: Readonly<Record<string, unknown>>,
  program: Program,
): Record<string, unknown> {
  const given = referenceFields(kind).filter(({ field }) => args[field] !== undefined);
  return Object.fromEntries(
    given.map(({ field, reference }) => {
      const target: Target = { kind: reference.kind, place: `${kind.kind}.${field}`, program };
      return [field, nameFor(args[field], target)];
    }),
  );
}

interface Target {
  readonly kind: string;
  /** For errors: whose reference it is. */
  readonly place: string;
  readonly program: Program;
}

/**
 * A name, or a resource, or a list of both, or what will be one of these. A name is known in a preview, so nothing
 * downstream turns unknown; that of a resource brings the dependency along.
 */
function nameFor(given: unknown, target: Target): unknown {
  if (Array.isArray(given)) return given.map((one) => nameFor(one, target));
  if (pulumi.Resource.isInstance(given)) return nameOf(given, target);
  if (pulumi.Output.isInstance(given) || given instanceof Promise) {
    // By now the program may have gone on, so plain names are left alone: a later resource is no dependency.
    return pulumi.output(given).apply((value) => pulumi.output(resolvedName(value, target)));
  }
  const declared = typeof given === "string" ? target.program.find(target.kind, given) : undefined;
  return declared?.resource.name ?? given;
}

function resolvedName(value: unknown, target: Target): unknown {
  if (Array.isArray(value)) return value.map((one) => resolvedName(one, target));
  return pulumi.Resource.isInstance(value) ? nameOf(value, target) : value;
}

function nameOf(resource: pulumi.Resource, { kind, place }: Target): unknown {
  if (typeOf(resource) === typeToken(kind)) return (resource as { name?: unknown }).name;
  throw programError(
    `${place} takes a ${kind} or the name of one, not a ${typeOf(resource).replace(typeToken(""), "")}.`,
  );
}
