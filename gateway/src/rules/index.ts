export * from "./change";
export { claimsOf } from "./claims";
export * from "./evaluate";
export { boundService, routesOf } from "./routes";
export * from "./stored";
export * from "./world";
