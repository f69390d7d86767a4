export * from "./change";
export { claimsOf } from "./claims";
export * from "./evaluate";
export { boundService, type Route, routesOf } from "./routes";
export * from "./world";
