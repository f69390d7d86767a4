import { annotationsOf, type Kind, model, type Values } from "@modelgateway/schema";
import * as pulumi from "@pulumi/pulumi";
import { currentProgram, type Program } from "./program";
import { referenceNames } from "./references";
import { logicalName, stackOwner } from "./sdk";
import { PROVIDER_KEY } from "./state";
import { providerText, typeToken } from "./type-token";

/** What every kind of resource has in common; a generated class adds the types of its kind's fields. */
export abstract class GatewayResource extends pulumi.CustomResource {
  protected constructor(
    kindName: string,
    name: string,
    args: object,
    options: pulumi.CustomResourceOptions = {},
  ) {
    const kind = model.kind(kindName);
    const given = args as Values;
    const type = typeToken(kindName);
    const program = currentProgram();
    const as = logicalName(type, name, options.parent);
    const isOwn = options.id === undefined && options.urn === undefined;
    if (isOwn) program.refuseLate(kindName, name);
    const props = {
      ...noOutputs(kind),
      ...(isOwn && inputs(kind, name, as, given, program)),
      [PROVIDER_KEY]: providerText(kindName),
    };
    // Names are unique in a gateway, so the new object cannot stand beside the old one.
    const opts = isOwn ? { ...options, deleteBeforeReplace: true } : options;
    // The SDK takes a stack for every promise of every output, to report those that never settle. Mapping the
    // frames to their sources costs 10 ms a resource, most of what a preview of many resources takes.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(type, name, props, opts);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    if (isOwn) program.add({ kind: kindName, as, name: plainName(kind, name, given), resource: this });
  }
}

/** The SDK makes an output of every property that it is told about, and of no other. */
const noOutputs = (kind: Kind): Values =>
  Object.fromEntries(Object.keys(kind.fields).map((field) => [field, undefined]));

function inputs(kind: Kind, name: string, as: string, args: Values, program: Program): Values {
  const secret = Object.entries(args)
    .filter(([field, value]) => value !== undefined && isSensitive(kind, field))
    .map(([field, value]) => [field, pulumi.secret(value)]);
  return {
    ...args,
    ...(kind.joins === undefined && { name: args.name ?? name }),
    ...referenceNames(kind, args, program),
    ...Object.fromEntries(secret),
    managedBy: stackOwner(),
    managedAs: as,
  };
}

function isSensitive(kind: Kind, field: string): boolean {
  const schema = kind.fields[field];
  return schema !== undefined && annotationsOf(schema).sensitive === true;
}

function plainName(kind: Kind, name: string, args: Values): string | undefined {
  if (kind.joins) return undefined;
  if (args.name === undefined) return name;
  return typeof args.name === "string" ? args.name : undefined;
}
