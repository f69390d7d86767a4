// Written by `npm run generate` from the schema. Change it there.
export * from "./model-api";
export * from "./model-api-binding";
export * from "./model-key";
export * from "./model-service";
