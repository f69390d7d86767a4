/** A short program that declares one object of a kind, for its reference page. */
import {
  annotationsOf,
  hasSecret,
  isRequired,
  type Kind,
  kebabCase,
  type Model,
  referenceFields,
} from "@modelgateway/schema";
import { choicesOf, type FieldSchema, itemsOf, membersOf } from "./facts";

/** Everything that the object needs, what it refers to first. */
export function exampleProgram(model: Model, kind: Kind): string {
  const statements = new Map<string, string>();
  declare(model, kind, statements);
  const text = [...statements.values()].join("");
  const config = 'import * as pulumi from "@pulumi/pulumi";\n\nconst config = new pulumi.Config();\n';
  return `import * as gateway from "@modelgateway/pulumi";\n${text.includes("config.") ? config : "\n"}${text}`;
}

/** `ModelApiBinding` -> `apiBinding`. */
const variableOf = (kind: string): string =>
  kind.replace(/^Model/, "").replace(/^./, (first) => first.toLowerCase());

function declare(model: Model, kind: Kind, into: Map<string, string>): void {
  if (into.has(kind.kind)) return;
  for (const { field, reference } of referenceFields(kind)) {
    if (isRequired(kind.fields[field]!)) declare(model, model.kind(reference.kind), into);
  }
  const fields = Object.entries(kind.fields).filter(
    ([name, schema]) => isRequired(schema) && !(name === "name" && !kind.joins),
  );
  const lines = fields.map(([name, schema]) => {
    const value = sample(schema);
    return value === name ? `  ${name},\n` : `  ${name}: ${value},\n`;
  });
  if (hasSecret(kind.fields)) lines.push('  value: config.requireSecret("secret"),\n');
  const variable = variableOf(kind.kind);
  into.set(
    kind.kind,
    `const ${variable} = new gateway.${kind.kind}("${kebabCase(variable)}", {\n${lines.join("")}});\n`,
  );
}

function sample(schema: FieldSchema): string {
  const { reference } = annotationsOf(schema);
  if (reference) return variableOf(reference.kind);
  const items = itemsOf(schema);
  if (items) return `[${sample(items)}]`;
  const members = membersOf(schema);
  if (members)
    return `{ ${Object.entries(members)
      .map(([name, one]) => `${name}: ${sample(one)}`)
      .join(", ")} }`;
  if (schema.type === "boolean") return "true";
  if (schema.type === "integer") return String(schema.minimum);
  // Descriptions name a good value where the type does not say enough.
  const named = /for example `([^`]+)`/.exec(schema.description ?? "")?.[1];
  return JSON.stringify(choicesOf(schema)?.[0] ?? named ?? "example");
}
