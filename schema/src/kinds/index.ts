import { Model } from "../kind";
import { ModelApi } from "./model-api";
import { ModelApiBinding } from "./model-api-binding";
import { ModelKey } from "./model-key";
import { ModelService } from "./model-service";

export * from "./model-api";
export * from "./model-api-binding";
export * from "./model-key";
export * from "./model-service";

/** Every kind that the product ships, in the order of its documentation. A new kind is added here. */
export const model = new Model([ModelApi, ModelService, ModelKey, ModelApiBinding]);
