// Written by `npm run generate` from the schema. Change it there.
import type * as pulumi from "@pulumi/pulumi";
import { GatewayResource } from "../resource";
import type { ModelApi } from "./model-api";
import type { ModelService } from "./model-service";

/** What to declare of a ModelApiBinding. */
export interface ModelApiBindingArgs {
  /**
   * The API to bind. It can be bound to one service at the most.
   *
   * A ModelApi, or the name of one.
   */
  api: pulumi.Input<string | ModelApi>;
  /**
   * The service that answers.
   *
   * A ModelService, or the name of one.
   */
  service: pulumi.Input<string | ModelService>;
  /**
   * The service type: the API is fixed to one backend model service.
   *
   * @default "SingleModelService"
   */
  type?: pulumi.Input<"SingleModelService"> | undefined;
  /**
   * For people: what this ModelApiBinding is for.
   *
   * Up to 200 characters.
   */
  description?: pulumi.Input<string> | undefined;
}

/**
 * Binds a Model API to the one model service that answers for it. Changing `service` rebinds in place:
 * requests that arrive afterwards go to the new service.
 */
export class ModelApiBinding extends GatewayResource {
  /** The API to bind. It can be bound to one service at the most. */
  declare public readonly api: pulumi.Output<string>;
  /** The service that answers. */
  declare public readonly service: pulumi.Output<string>;
  /** The service type: the API is fixed to one backend model service. */
  declare public readonly type: pulumi.Output<"SingleModelService">;
  /** For people: what this ModelApiBinding is for. */
  declare public readonly description: pulumi.Output<string>;

  /**
   * @param name its logical name in this program
   */
  constructor(name: string, args: ModelApiBindingArgs, options?: pulumi.CustomResourceOptions) {
    super("ModelApiBinding", name, args, options);
  }
}
