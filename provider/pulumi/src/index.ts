import { guardCliProgram } from "./guard";

export * from "./gen";
export { guarded } from "./guard";
export { GatewayResource } from "./resource";

// On import, so that a program that declares nothing any more is guarded too.
guardCliProgram();
