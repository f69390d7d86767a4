import { isRequired, type Kind, type Model, referenceFields, type Values } from "@modelgateway/schema";
import type { TestGateway } from "./gateway";

/** A value that a required field accepts, from its schema alone. */
function sample(kind: Kind, field: string): unknown {
  const schema = kind.fields[field]!;
  if (schema.enum) return schema.enum[0];
  if (field === "name") return "sample";
  if (schema.pattern?.startsWith("^https?")) return "https://upstream.example";
  if (schema.type === "boolean") return false;
  if (schema.type === "integer") return schema.minimum;
  return "sample";
}

/** The smallest body that a kind accepts. What it refers to is created first, under the name "sample". */
export async function smallestBody(gateway: TestGateway, model: Model, kind: Kind): Promise<Values> {
  const required = Object.keys(kind.fields).filter((field) => isRequired(kind.fields[field]!));
  for (const { field, reference } of referenceFields(kind)) {
    if (!required.includes(field)) continue;
    const target = model.kind(reference.kind);
    const found = await gateway.call("GET", `/v1/${target.plural}/sample`);
    if (found.status === 404) {
      await gateway.call("POST", `/v1/${target.plural}`, await smallestBody(gateway, model, target));
    }
  }
  const body = Object.fromEntries(required.map((field) => [field, sample(kind, field)]));
  return kind.fields.value ? { ...body, value: "sk-0123456789abcdef" } : body;
}
