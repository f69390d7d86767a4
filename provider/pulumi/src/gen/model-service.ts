// Written by `npm run generate` from the schema. Change it there.
import type * as pulumi from "@pulumi/pulumi";
import { GatewayResource } from "../resource";
import type { ModelKey } from "./model-key";

/** A model's other name. */
export interface ModelServiceModelRewriteArgs {
  /**
   * The name that the client sends.
   *
   * A model name: up to 128 characters without white space, quotes and backslashes.
   */
  from: pulumi.Input<string>;
  /**
   * The name that the vendor gets.
   *
   * A model name: up to 128 characters without white space, quotes and backslashes.
   */
  to: pulumi.Input<string>;
}

/** A model's other name. */
export interface ModelServiceModelRewrite {
  /** The name that the client sends. */
  from: string;
  /** The name that the vendor gets. */
  to: string;
}

/** How long to wait for the upstream. */
export interface ModelServiceUpstreamTimeoutsArgs {
  /**
   * Until the connection stands, in milliseconds.
   *
   * 1 to 3,600,000.
   *
   * @default 10000
   */
  connectMs?: pulumi.Input<number> | undefined;
  /**
   * Until the request is sent, in milliseconds.
   *
   * 1 to 3,600,000.
   *
   * @default 60000
   */
  writeMs?: pulumi.Input<number> | undefined;
  /**
   * Silence allowed between two bytes of the reply, in milliseconds.
   *
   * 1 to 3,600,000.
   *
   * @default 300000
   */
  readMs?: pulumi.Input<number> | undefined;
}

/** How long to wait for the upstream. */
export interface ModelServiceUpstreamTimeouts {
  /** Until the connection stands, in milliseconds. */
  connectMs: number;
  /** Until the request is sent, in milliseconds. */
  writeMs: number;
  /** Silence allowed between two bytes of the reply, in milliseconds. */
  readMs: number;
}

/** How much this service is used at the most. */
export interface ModelServiceQuotaArgs {
  /**
   * Requests per minute; 0 is unlimited.
   *
   * 0 to 1,000,000,000.
   *
   * @default 0
   */
  requestsPerMinute?: pulumi.Input<number> | undefined;
  /**
   * Tokens per minute; 0 is unlimited.
   *
   * 0 to 1,000,000,000.
   *
   * @default 0
   */
  tokensPerMinute?: pulumi.Input<number> | undefined;
  /**
   * Requests at one time; 0 is unlimited.
   *
   * 0 to 1,000,000.
   *
   * @default 0
   */
  concurrency?: pulumi.Input<number> | undefined;
}

/** How much this service is used at the most. */
export interface ModelServiceQuota {
  /** Requests per minute; 0 is unlimited. */
  requestsPerMinute: number;
  /** Tokens per minute; 0 is unlimited. */
  tokensPerMinute: number;
  /** Requests at one time; 0 is unlimited. */
  concurrency: number;
}

/** What to declare of a ModelService. */
export interface ModelServiceArgs {
  /**
   * The name of this ModelService, unique among its kind and case-sensitive. It can be changed in place.
   *
   * 1 to 60 Chinese or English letters, digits, `-` and `_`, beginning with a letter and not ending with `-`
   * or `_`. By default the name of the resource.
   */
  name?: pulumi.Input<string> | undefined;
  /** The vendor of the model. */
  modelProvider: pulumi.Input<"OpenAI" | "DeepSeek" | "Qwen" | "Hunyuan" | "Anthropic" | "Google-Gemini" | "Custom">;
  /** The protocol that the upstream speaks. */
  protocol: pulumi.Input<"OpenAI/v1">;
  /**
   * Where the model answers, for example `https://api.deepseek.com`. Credentials never belong here: use
   * `keys`.
   *
   * An http or https URL without user name, password and fragment.
   */
  upstreamUrl: pulumi.Input<string>;
  /**
   * `AutoConcat` appends the forwarded path to the URL; `FixedPath` sends everything to the URL as it stands,
   * for an API with a single route.
   *
   * @default "AutoConcat"
   */
  upstreamUrlMode?: pulumi.Input<"AutoConcat" | "FixedPath"> | undefined;
  /**
   * The credentials sent upstream, used in turn. None sends no credential.
   *
   * ModelKeys, or their names. Up to 32 elements.
   */
  keys?: pulumi.Input<pulumi.Input<string | ModelKey>[]> | undefined;
  /**
   * `PassThrough` sends the model that the client asks for, checked against `allowedModels`; `Specify` always
   * sends `defaultModel`.
   *
   * @default "PassThrough"
   */
  modelSelector?: pulumi.Input<"PassThrough" | "Specify"> | undefined;
  /**
   * The model sent where the client names none, and always with `Specify`.
   *
   * A model name: up to 128 characters without white space, quotes and backslashes.
   */
  defaultModel?: pulumi.Input<string> | undefined;
  /**
   * The models that a client may ask for with `PassThrough`; empty allows all.
   *
   * Up to 256 elements. Each: a model name: up to 128 characters without white space, quotes and backslashes.
   * The order does not matter.
   */
  allowedModels?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * What a client gets who asks for a model that is not allowed: 404 `model_not_found`, or `defaultModel`.
   *
   * @default "reject"
   */
  onDisallowedModel?: pulumi.Input<"reject" | "useDefault"> | undefined;
  /**
   * Names that clients use for models, and the vendor's names for them.
   *
   * Up to 256 elements.
   */
  modelRewrites?: pulumi.Input<pulumi.Input<ModelServiceModelRewriteArgs>[]> | undefined;
  /**
   * Models tried in order when the first one is unavailable.
   *
   * Up to 8 elements. Each: a model name: up to 128 characters without white space, quotes and backslashes.
   */
  fallbackModels?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Services tried in order when this one is unavailable.
   *
   * ModelServices, or their names. Up to 8 elements.
   */
  fallbackServices?: pulumi.Input<pulumi.Input<string | ModelService>[]> | undefined;
  /** How long to wait for the upstream. */
  upstreamTimeouts?: pulumi.Input<ModelServiceUpstreamTimeoutsArgs> | undefined;
  /**
   * How often a request is sent again after a connection failure, 429, 502, 503 or 504; never after the first
   * byte reached the client.
   *
   * 0 to 5.
   *
   * @default 0
   */
  retries?: pulumi.Input<number> | undefined;
  /** How much this service is used at the most. */
  quota?: pulumi.Input<ModelServiceQuotaArgs> | undefined;
  /**
   * For people: what this ModelService is for.
   *
   * Up to 200 characters.
   */
  description?: pulumi.Input<string> | undefined;
}

/**
 * A backend that answers requests: a vendor's endpoint with its keys, its model policy and what to do when it
 * fails.
 */
export class ModelService extends GatewayResource {
  /** The name of this ModelService, unique among its kind and case-sensitive. It can be changed in place. */
  declare public readonly name: pulumi.Output<string>;
  /** The vendor of the model. */
  declare public readonly modelProvider: pulumi.Output<"OpenAI" | "DeepSeek" | "Qwen" | "Hunyuan" | "Anthropic" | "Google-Gemini" | "Custom">;
  /** The protocol that the upstream speaks. */
  declare public readonly protocol: pulumi.Output<"OpenAI/v1">;
  /**
   * Where the model answers, for example `https://api.deepseek.com`. Credentials never belong here: use
   * `keys`.
   */
  declare public readonly upstreamUrl: pulumi.Output<string>;
  /**
   * `AutoConcat` appends the forwarded path to the URL; `FixedPath` sends everything to the URL as it stands,
   * for an API with a single route.
   */
  declare public readonly upstreamUrlMode: pulumi.Output<"AutoConcat" | "FixedPath">;
  /** The credentials sent upstream, used in turn. None sends no credential. */
  declare public readonly keys: pulumi.Output<string[]>;
  /**
   * `PassThrough` sends the model that the client asks for, checked against `allowedModels`; `Specify` always
   * sends `defaultModel`.
   */
  declare public readonly modelSelector: pulumi.Output<"PassThrough" | "Specify">;
  /** The model sent where the client names none, and always with `Specify`. */
  declare public readonly defaultModel: pulumi.Output<string>;
  /** The models that a client may ask for with `PassThrough`; empty allows all. */
  declare public readonly allowedModels: pulumi.Output<string[]>;
  /**
   * What a client gets who asks for a model that is not allowed: 404 `model_not_found`, or `defaultModel`.
   */
  declare public readonly onDisallowedModel: pulumi.Output<"reject" | "useDefault">;
  /** Names that clients use for models, and the vendor's names for them. */
  declare public readonly modelRewrites: pulumi.Output<ModelServiceModelRewrite[]>;
  /** Models tried in order when the first one is unavailable. */
  declare public readonly fallbackModels: pulumi.Output<string[]>;
  /** Services tried in order when this one is unavailable. */
  declare public readonly fallbackServices: pulumi.Output<string[]>;
  /** How long to wait for the upstream. */
  declare public readonly upstreamTimeouts: pulumi.Output<ModelServiceUpstreamTimeouts>;
  /**
   * How often a request is sent again after a connection failure, 429, 502, 503 or 504; never after the first
   * byte reached the client.
   */
  declare public readonly retries: pulumi.Output<number>;
  /** How much this service is used at the most. */
  declare public readonly quota: pulumi.Output<ModelServiceQuota>;
  /** For people: what this ModelService is for. */
  declare public readonly description: pulumi.Output<string>;

  /**
   * @param name its logical name in this program, and the object's name where `args` gives none
   */
  constructor(name: string, args: ModelServiceArgs, options?: pulumi.CustomResourceOptions) {
    super("ModelService", name, args, options);
  }
}
