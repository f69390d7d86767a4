import type { GatewayObject } from "@modelgateway/schema";
import {
  confirmIdField,
  type Kind,
  nameIn,
  normalise,
  referenceFields,
  type Values,
} from "@modelgateway/schema";
import type { GatewayApi } from "./client";
import { confirmIds, observed } from "./declared";
import type { Owner } from "./owner";
import { Refusal, refuse } from "./refusal";

/** An object as a state keeps it: what was declared and computed, and what later calls need. */
export interface Written {
  readonly id: string;
  /** In the user's words, computed fields included. */
  readonly fields: Values;
  /** Ids that the object's deletion repeats. */
  readonly confirmIds: Values;
  /** The gateway that holds it. */
  readonly gatewayId: string;
}

/** What a write sends: a checked declaration and, where it has one, its secret. */
export interface Declaration {
  readonly kind: Kind;
  readonly inputs: Values;
  readonly secrets: Values;
  readonly owner: Owner;
}

/** Creates an object, or finishes the creation of one whose answer was lost. */
export async function create(client: GatewayApi, declaration: Declaration): Promise<Written> {
  const { kind, inputs, secrets, owner } = declaration;
  const body = { ...normalise(kind, inputs), ...secrets };
  return written(client, kind, inputs, await client.create(kind, body, owner));
}

/** Brings an object to its declaration; `takeOver` names the owner that the state says it has, where that changes. */
export async function update(
  client: GatewayApi,
  id: string,
  { kind, inputs, secrets, owner }: Declaration,
  takeOver = "",
): Promise<Written> {
  const body = { ...normalise(kind, inputs), ...secrets };
  try {
    return written(client, kind, inputs, await client.update(kind, id, body, owner, takeOver));
  } catch (error) {
    if (!(error instanceof Refusal) || !error.isOnly("not_found")) throw error;
    throw refuse("gone", { of: { kind: kind.kind, name: nameIn(kind, inputs) }, id }, error.circumstances);
  }
}

/** Reads an object; undefined where it is gone. Fields that still mean what `before` says keep its words. */
export async function read(
  client: GatewayApi,
  kind: Kind,
  id: string,
  before: Values,
): Promise<Written | undefined> {
  const object = await client.read(kind, id);
  return object && written(client, kind, before, object);
}

/** Deletes an object; one that is gone already counts as deleted. */
export async function remove(
  client: GatewayApi,
  kind: Kind,
  id: string,
  state: Values,
  owner: Owner,
): Promise<void> {
  const confirm = Object.fromEntries(
    referenceFields(kind)
      .filter((reference) => reference.confirm)
      // The id, because the object it stands for may have been renamed a moment before.
      .map((reference) => [
        reference.field,
        String(state[confirmIdField(reference)] ?? state[reference.field]),
      ]),
  );
  await client.delete(kind, id, owner, { confirm });
}

function written(client: GatewayApi, kind: Kind, before: Values, object: GatewayObject): Written {
  return {
    id: object.id,
    fields: observed(kind, before, object),
    confirmIds: confirmIds(kind, object),
    gatewayId: client.gatewayId ?? "",
  };
}
