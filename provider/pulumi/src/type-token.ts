/** The type of a resource in Pulumi's state: a contract, like the text below. */
export const typeToken = (kind: string): string => `pulumi-nodejs:dynamic/modelgateway:${kind}`;

/**
 * The text from which the engine's provider process finds our code. It stands in every state, and old states run
 * it for ever; so it holds no path, no version and no compiled code.
 */
export const providerText = (kind: string): string =>
  `exports.handler=()=>require("@modelgateway/pulumi/provider").provider("${kind}")`;
