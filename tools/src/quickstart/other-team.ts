/** Calls the control API as another team does, whose program is not this one. */
export interface OtherTeam {
  /** Binds an API of its own to a service of ours. */
  bind(service: string): Promise<void>;
  /** Takes both away again. */
  leave(service: string): Promise<void>;
}

const OWNER = "pulumi:acme/support/prod";
const API = {
  name: "support-chat",
  scene: "TextGeneration",
  requestProtocol: "OpenAI",
  basePath: "/support",
};

export function otherTeam(control: string, token: string): OtherTeam {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${control}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "x-managed-by": encodeURIComponent(OWNER),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  return {
    async bind(service) {
      await call("POST", "/v1/model-apis", API);
      await call("POST", "/v1/model-api-bindings", { api: API.name, service });
    },
    async leave(service) {
      await call("DELETE", `/v1/model-api-bindings/${API.name}?service=${service}`);
      await call("DELETE", `/v1/model-apis/${API.name}`);
    },
  };
}
