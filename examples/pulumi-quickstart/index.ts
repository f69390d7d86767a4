import * as gateway from "@modelgateway/pulumi";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

// The vendor's key: encrypted in the stack's configuration, write-only in the gateway, in no state.
const key = new gateway.ModelKey("deepseek-key", { value: config.requireSecret("deepseekKey") });

// Where requests end up, and which model is asked.
const deepseek = new gateway.ModelService("deepseek", {
  modelProvider: "DeepSeek",
  protocol: "OpenAI/v1",
  upstreamUrl: config.get("upstreamUrl") ?? "https://api.deepseek.com",
  keys: [key],
  modelSelector: "Specify",
  defaultModel: "deepseek-chat",
});

// What clients call.
const qwen = new gateway.ModelApi("qwen", {
  scene: "TextGeneration",
  requestProtocol: "OpenAI",
  basePath: "/qwen",
  stripBasePath: true,
  auth: "none",
});

// Which service answers.
new gateway.ModelApiBinding("qwen-deepseek", { api: qwen, service: deepseek });

export const routes = qwen.generatedRoutes;
