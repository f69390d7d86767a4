/** What of the control API's JSON the providers read and write. */
import type { Diagnostic, GeneratedRoute, Values } from "@modelgateway/schema";

/** An object as the gateway returns it: its kind's fields, and what the gateway adds. */
export interface GatewayObject extends Values {
  readonly id: string;
  readonly name: string;
  readonly managedBy?: string;
}

/** An object that refers to another one. */
export interface Dependent {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly managedBy?: string;
}

/** Who writes: the stack or configuration, and the object's logical name in it. Empty: none. */
export interface Owner {
  readonly managedBy: string;
  readonly managedAs: string;
}

/** One change of a plan. `object` is what a write would send, without writeOnly values. */
export type PlanChange =
  | {
      readonly op: "create";
      readonly kind: string;
      readonly object: Values;
      readonly unknown?: readonly string[];
      readonly managedAs?: string;
      readonly replaces?: string;
    }
  | {
      readonly op: "update";
      readonly kind: string;
      readonly id: string;
      readonly object: Values;
      readonly unknown?: readonly string[];
      readonly takeOver?: string;
    }
  | { readonly op: "delete"; readonly kind: string; readonly id: string; readonly takeOver?: string }
  | { readonly op: "keep"; readonly kind: string; readonly id: string; readonly object?: Values };

export interface PlanRequest {
  readonly changes: readonly PlanChange[];
  /** Judge every object of this owner that no change names as a delete. */
  readonly owned?: true;
}

/** A routing rule with what surrounds it. */
export interface Route extends GeneratedRoute {
  readonly id?: string;
  readonly api: string;
  readonly matchHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly service?: string;
}

/** What a plan does to the routes. */
export interface RouteChanges {
  readonly added: readonly Route[];
  readonly removed: readonly Route[];
  readonly moved: readonly { readonly from: Route; readonly to: Route }[];
}

/** What the gateway says to a plan. */
export interface Verdict {
  readonly revision: number;
  readonly ok: boolean;
  readonly undecided: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly routes: RouteChanges;
}
