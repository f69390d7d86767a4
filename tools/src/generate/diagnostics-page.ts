import { CATALOGUE, type Code, type Diagnostic, diagnostic, type Label } from "@modelgateway/schema";

/** The catalogue as a page: each code with an example of its words. */
export function diagnosticsPage(): string {
  const codes = Object.keys(CATALOGUE) as Code[];
  const errors = codes.filter((code) => CATALOGUE[code].severity === "error").sort();
  const warnings = codes.filter((code) => CATALOGUE[code].severity === "warning").sort();
  return `# Diagnostics

Every refusal and warning, the same from the control API, in a Pulumi preview and in an apply. A code keeps its meaning
for ever. The names in the examples are invented.

## Errors

${errors.map(section).join("\n")}
## Warnings

${warnings.map(section).join("\n")}`;
}

function section(code: Code): string {
  const { status, severity, title } = CATALOGUE[code];
  const { summary, detail } = example(code);
  const by = severity === "error" ? `, HTTP status ${status}` : "";
  return `### ${code}\n\n${title}${by}.\n\n> ${summary}. ${detail}\n`;
}

const API: Label = { kind: "ModelApi", name: "qwen" };
const OTHER_API: Label = { kind: "ModelApi", name: "chat", owner: "pulumi:acme/chat/prod" };
const SERVICE: Label = { kind: "ModelService", name: "deepseek" };
const BINDING: Label = { kind: "ModelApiBinding", name: "chat", owner: "pulumi:acme/chat/prod" };

/** An example value for every parameter of the catalogue's texts, by the parameter's name. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  of: API,
  other: OTHER_API,
  api: API,
  target: SERVICE,
  dependents: [BINDING],
  services: [SERVICE, { kind: "ModelService", name: "qwen-max" }],
  service: SERVICE,
  key: { kind: "ModelKey", name: "deepseek-key" },
  field: "basePath",
  fields: ["basePath"],
  problem: "must be a path such as `/qwen`",
  nearest: "basePath",
  parameter: "limit",
  kind: "ModelApi",
  reference: "qwen",
  path: "/qwen/v1/chat/completions",
  method: "POST",
  allow: "GET, POST",
  limit: 1_048_576,
  given: "text/plain",
  first: 0,
  caller: "pulumi:acme/gateway/prod",
  expected: "019a2b3c4d5e7f8091a2b3c4d5e6f708",
  actual: "019a2b3c4d5e7f8091a2b3c4d5e6f709",
  host: "example.com",
  allowed: ["api.deepseek.com"],
  routes: 2,
  id: "019a2b3c4d5e7f8091a2b3c4d5e6f70a",
  why: "The name `qwen` passes from one to the other",
  remedy: "Change the one that gives it up in an apply of its own, then the other",
  requestId: "req-1",
  what: "endpoint",
  names: ["`modelgateway:endpoint`", "`MODELGATEWAY_ENDPOINT`"],
  endpoint: "http://127.0.0.1:8081",
  to: "qwen-max",
};

/** Where a code uses a parameter's name for something else. */
const OVERRIDES: Readonly<Partial<Record<Code, Readonly<Record<string, unknown>>>>> = {
  api_unbound: { api: API },
  confirmation_mismatch: { target: BINDING, given: "qwen-max", service: "deepseek" },
  confirmation_required: { target: BINDING, parameter: "service", service: "deepseek" },
  deletion_protected: { target: API, field: "deletionProtection" },
  has_dependents: { target: SERVICE },
  invalid_body: { problem: "It is not JSON" },
  invalid_parameter: { problem: "must be a whole number from 1 to 1000" },
  missing_field: { field: "scene", problem: "is required" },
  name_taken: { other: { ...API, owner: "" } },
  needs_two_steps: { other: { kind: "ModelApi", name: "qwen-old" } },
  no_such_path: { path: "/v1/models" },
  not_verified: {
    problem: "The gateway at http://127.0.0.1:8081 cannot be reached: The connection was refused",
  },
  reference_missing: { of: BINDING, field: "service", target: SERVICE },
  route_taken: { path: "/qwen/v1/chat/completions" },
  unauthenticated: { problem: "The token is unknown" },
  unavailable: { problem: "The store cannot write" },
  unbound: { api: "qwen" },
  unexpected_answer: { problem: "It answers 404 without a problem document" },
  unknown_field: { field: "basepath" },
  unreachable: { problem: "The connection was refused" },
};

/** Fails where a text has a parameter without an example: its page would say "undefined". */
function example(code: Code): Diagnostic {
  const parameters = new Proxy(
    { ...EXAMPLES, ...OVERRIDES[code] },
    {
      get(all, name) {
        if (typeof name === "string" && name in all) return all[name as keyof typeof all];
        throw new Error(`${code} has a parameter without an example: ${String(name)}`);
      },
    },
  );
  return diagnostic(code, "", parameters as never);
}
