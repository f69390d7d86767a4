// Written by `npm run generate` from the schema. Change it there.
import type * as pulumi from "@pulumi/pulumi";
import { GatewayResource } from "../resource";

/** What to declare of a ModelKey. */
export interface ModelKeyArgs {
  /**
   * The name of this ModelKey, unique among its kind and case-sensitive. It can be changed in place.
   *
   * 1 to 60 Chinese or English letters, digits, `-` and `_`, beginning with a letter and not ending with `-`
   * or `_`. By default the name of the resource.
   */
  name?: pulumi.Input<string> | undefined;
  /**
   * The credential. Give either this or `valueFrom`.
   *
   * 8 to 256 printable ASCII characters without spaces. Never returned, and never kept in a state: a
   * fingerprint stands for it.
   */
  value?: pulumi.Input<string> | undefined;
  /**
   * Where the gateway finds the credential instead: `env:MODELGATEWAY_KEY_NAME`, a variable of the gateway's
   * own environment.
   *
   * `env:MODELGATEWAY_KEY_` and letters, digits or `_`.
   */
  valueFrom?: pulumi.Input<string> | undefined;
  /**
   * The hosts that this key may be sent to; empty allows all. A service that would send it elsewhere is
   * refused.
   *
   * Up to 64 elements. Each: a host name or address, without scheme and port. The order does not matter.
   */
  allowedHosts?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * For people: what this ModelKey is for.
   *
   * Up to 200 characters.
   */
  description?: pulumi.Input<string> | undefined;
}

/**
 * A credential that the gateway sends to a vendor. It is encrypted at rest and never returned; previews
 * compare fingerprints.
 */
export class ModelKey extends GatewayResource {
  /** The name of this ModelKey, unique among its kind and case-sensitive. It can be changed in place. */
  declare public readonly name: pulumi.Output<string>;
  /** Tells whether two values are equal without showing either; empty where no value is stored. */
  declare public readonly fingerprint: pulumi.Output<string>;
  /**
   * Where the gateway finds the credential instead: `env:MODELGATEWAY_KEY_NAME`, a variable of the gateway's
   * own environment.
   */
  declare public readonly valueFrom: pulumi.Output<string>;
  /**
   * The hosts that this key may be sent to; empty allows all. A service that would send it elsewhere is
   * refused.
   */
  declare public readonly allowedHosts: pulumi.Output<string[]>;
  /** For people: what this ModelKey is for. */
  declare public readonly description: pulumi.Output<string>;

  /**
   * @param name its logical name in this program, and the object's name where `args` gives none
   */
  constructor(name: string, args: ModelKeyArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("ModelKey", name, args, options);
  }
}
