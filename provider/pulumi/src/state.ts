import { fieldsOf, type Owner, type Written } from "@modelgateway/core";
import type { Values } from "@modelgateway/schema";

/** The text by which the engine finds our code; it stands in every state and never changes. */
export const PROVIDER_KEY = "__provider";

/**
 * Properties that every resource has beside its kind's fields. The class fills in the owner, because the provider
 * process does not know which stack it works for; the rest comes from the gateway and is no input.
 */
const OWNER_KEYS = ["managedBy", "managedAs"] as const;
const GATEWAY_KEY = "gatewayId";

/** What Pulumi keeps of a resource, by what it is for. */
export interface Properties {
  readonly owner: Owner;
  /** The gateway that holds the object; empty where that is not known. */
  readonly gatewayId: string;
  /** Everything else: the kind's fields, and ids that a delete repeats. */
  readonly fields: Values;
}

/** Takes a resource's inputs or outputs apart. */
export function propertiesOf(values: Values): Properties {
  const { [PROVIDER_KEY]: _, managedBy, managedAs, [GATEWAY_KEY]: gatewayId, ...fields } = values;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    owner: { managedBy: text(managedBy), managedAs: text(managedAs) },
    gatewayId: text(gatewayId),
    fields,
  };
}

/** The inputs of a resource. */
export const inputsOf = (owner: Owner, fields: Values): Values => ({ ...owner, ...fields });

/** The outputs of a resource that was written or read. */
export const outputsOf = (owner: Owner, { fields, confirmIds, gatewayId }: Written): Values => ({
  ...inputsOf(owner, fields),
  ...confirmIds,
  [GATEWAY_KEY]: gatewayId,
});

/** Pointers into a kind's fields only: the owner is always known. */
export const inFields = (pointers: readonly string[]): readonly string[] =>
  pointers.filter((pointer) => !OWNER_KEYS.some((key) => fieldsOf([pointer]).has(key)));
