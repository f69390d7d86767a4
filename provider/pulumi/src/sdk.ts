/** What of the Pulumi SDK its types leave out, in one place. */
import * as pulumi from "@pulumi/pulumi";

interface Internals {
  readonly __pulumiType: string;
  readonly __parentResource?: pulumi.Resource;
}

const internalsOf = (resource: pulumi.Resource): Internals => resource as unknown as Internals;

/** A resource's type token. */
export const typeOf = (resource: pulumi.Resource): string => internalsOf(resource).__pulumiType;

const STACK_TYPE = "pulumi:pulumi:Stack";

/** The part of a resource's URN that is its own: the types of its parents and itself, and its logical name. */
export function logicalName(type: string, name: string, parent: pulumi.Resource | undefined): string {
  const types = [type];
  for (
    let above = parent;
    above && typeOf(above) !== STACK_TYPE;
    above = internalsOf(above).__parentResource
  ) {
    types.unshift(typeOf(above));
  }
  return `${types.join("$")}::${name}`;
}

/** The owner of everything that a stack declares. */
export const stackOwner = (): string =>
  `pulumi:${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/** An object that stands for the running program; inline, several run in one process. */
export const programKey = (): object =>
  pulumi.runtime.getStackResource() ?? pulumi.runtime.getMonitor() ?? NO_PROGRAM;

const NO_PROGRAM = {};

/** Whether this process was started by the Pulumi CLI to run one program. */
export const isCliProgram = (): boolean => Boolean(process.env.PULUMI_NODEJS_MONITOR);

/** An error for who wrote the program. A stack costs the CLI half a minute and points into the library. */
export function programError(text: string): Error {
  const error = new Error(text);
  delete error.stack;
  return error;
}
