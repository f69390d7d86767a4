export { type Address, type ServeOptions, type Serving, serve } from "./serve";
export { StoreRefusal } from "./store";
