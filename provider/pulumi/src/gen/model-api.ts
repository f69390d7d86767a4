// Written by `npm run generate` from the schema. Change it there.
import type * as pulumi from "@pulumi/pulumi";
import { GatewayResource } from "../resource";

/** A header that a request must carry. */
export interface ModelApiMatchHeaderArgs {
  /**
   * The header's name, in any case. Credential and hop-by-hop headers cannot be conditions.
   *
   * An HTTP header name.
   */
  name: pulumi.Input<string>;
  /**
   * The value it must have, exactly.
   *
   * 1 to 256 printable ASCII characters without spaces at its ends.
   */
  value: pulumi.Input<string>;
}

/** A header that a request must carry. */
export interface ModelApiMatchHeader {
  /** The header's name, in any case. Credential and hop-by-hop headers cannot be conditions. */
  name: string;
  /** The value it must have, exactly. */
  value: string;
}

/** A routing rule. */
export interface ModelApiGeneratedRoute {
  /** The preset's name. */
  name: string;
  /** The API's scene. */
  type: string;
  /** The HTTP method. */
  method: string;
  /** The complete path that clients request. */
  path: string;
  /** The path that the model service receives. */
  forwardedPath: string;
}

/** What to declare of a ModelApi. */
export interface ModelApiArgs {
  /**
   * The name of this ModelApi, unique among its kind and case-sensitive. It can be changed in place.
   *
   * 1 to 60 Chinese or English letters, digits, `-` and `_`, beginning with a letter and not ending with `-`
   * or `_`. By default the name of the resource.
   */
  name?: pulumi.Input<string> | undefined;
  /** The purpose of this API. With `requestProtocol` it decides which routes are preset. */
  scene: pulumi.Input<"TextGeneration">;
  /** The protocol that clients use to call this API. */
  requestProtocol: pulumi.Input<"OpenAI">;
  /**
   * Which preset routes to serve. Each gives one route: the base path and the preset's path.
   *
   * 1 to 16 elements. The order does not matter.
   *
   * @default ["chat-completions"]
   */
  routes?: pulumi.Input<pulumi.Input<"chat-completions" | "completions" | "responses" | "models">[]> | undefined;
  /**
   * A prefix for all routes of this API, for example `/qwen`; none by default. Case-sensitive, without dot
   * segments.
   *
   * A path such as `/qwen` or `/team/qwen`: up to 255 characters, each segment beginning with a letter or
   * digit and made of letters, digits, `.`, `_`, `~` and `-`.
   */
  basePath?: pulumi.Input<string> | undefined;
  /**
   * Path simplification: remove the base path before forwarding, so that a request for
   * `/qwen/v1/chat/completions` reaches the model service as `/v1/chat/completions`.
   *
   * @default false
   */
  stripBasePath?: pulumi.Input<boolean> | undefined;
  /**
   * Who may call: `apiKey` lets in consumers whose group is authorised, `none` lets in everybody who reaches
   * the gateway.
   *
   * @default "apiKey"
   */
  auth?: pulumi.Input<"apiKey" | "none"> | undefined;
  /**
   * Headers that a request must carry to match the routes of this API. Two APIs may serve one path where
   * their conditions exclude each other; of several that match, the one with more conditions wins.
   *
   * Up to 8 elements. The order does not matter.
   */
  matchHeaders?: pulumi.Input<pulumi.Input<ModelApiMatchHeaderArgs>[]> | undefined;
  /**
   * Refuse to delete this API until this is switched off.
   *
   * While it is on, plans refuse to delete the object.
   *
   * @default false
   */
  deletionProtection?: pulumi.Input<boolean> | undefined;
  /**
   * For people: what this ModelApi is for.
   *
   * Up to 200 characters.
   */
  description?: pulumi.Input<string> | undefined;
}

/**
 * The one interface that clients call. The gateway generates a route for each preset selected in `routes`,
 * and forwards what arrives there to the model service that a `ModelApiBinding` binds.
 */
export class ModelApi extends GatewayResource {
  /** The name of this ModelApi, unique among its kind and case-sensitive. It can be changed in place. */
  declare public readonly name: pulumi.Output<string>;
  /** The purpose of this API. With `requestProtocol` it decides which routes are preset. */
  declare public readonly scene: pulumi.Output<"TextGeneration">;
  /** The protocol that clients use to call this API. */
  declare public readonly requestProtocol: pulumi.Output<"OpenAI">;
  /** Which preset routes to serve. Each gives one route: the base path and the preset's path. */
  declare public readonly routes: pulumi.Output<("chat-completions" | "completions" | "responses" | "models")[]>;
  /**
   * A prefix for all routes of this API, for example `/qwen`; none by default. Case-sensitive, without dot
   * segments.
   */
  declare public readonly basePath: pulumi.Output<string>;
  /**
   * Path simplification: remove the base path before forwarding, so that a request for
   * `/qwen/v1/chat/completions` reaches the model service as `/v1/chat/completions`.
   */
  declare public readonly stripBasePath: pulumi.Output<boolean>;
  /**
   * Who may call: `apiKey` lets in consumers whose group is authorised, `none` lets in everybody who reaches
   * the gateway.
   */
  declare public readonly auth: pulumi.Output<"apiKey" | "none">;
  /**
   * Headers that a request must carry to match the routes of this API. Two APIs may serve one path where
   * their conditions exclude each other; of several that match, the one with more conditions wins.
   */
  declare public readonly matchHeaders: pulumi.Output<ModelApiMatchHeader[]>;
  /** Refuse to delete this API until this is switched off. */
  declare public readonly deletionProtection: pulumi.Output<boolean>;
  /** The routes that the gateway generates, sorted by path. */
  declare public readonly generatedRoutes: pulumi.Output<ModelApiGeneratedRoute[]>;
  /** For people: what this ModelApi is for. */
  declare public readonly description: pulumi.Output<string>;

  /**
   * @param name its logical name in this program, and the object's name where `args` gives none
   */
  constructor(name: string, args: ModelApiArgs, options?: pulumi.CustomResourceOptions) {
    super("ModelApi", name, args, options);
  }
}
