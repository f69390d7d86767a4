export * from "./change";
export * from "./evaluate";
export { boundService, type Route, routesOf } from "./routes";
export * from "./world";
