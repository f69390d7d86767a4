/**
 * What the engine loads: every resource in every state names `require("@modelgateway/pulumi/provider").provider(KIND)`,
 * so this function must accept what any earlier version has written.
 */
import { model } from "@modelgateway/schema";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { GuardProvider } from "./guard-provider";
import { KindProvider } from "./kind-provider";
import { Session } from "./session";

const session = new Session();

/** The provider of one kind of resource, by the name in its type token. */
export function provider(kindName: string): dynamic.ResourceProvider {
  return kindName === "DeletionGuard"
    ? new GuardProvider(session)
    : new KindProvider(model.kind(kindName), session);
}
