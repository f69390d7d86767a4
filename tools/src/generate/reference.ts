/** The reference pages: one for each kind, an index, and the catalogue of diagnostics. */
import {
  annotationsOf,
  isRequired,
  isStored,
  type Kind,
  kebabCase,
  type Model,
  referenceFields,
} from "@modelgateway/schema";
import { diagnosticsPage } from "./diagnostics-page";
import { exampleProgram } from "./example";
import { choicesOf, defaultText, type FieldSchema, factsOf, itemsOf, membersOf } from "./facts";
import type { GeneratedFile, Generator } from "./generated-file";

const FOLDER = "docs/reference";
const NOTE = "<!-- Written by `npm run generate` from the schema. Change it there. -->\n\n";

export const referencePages: Generator = {
  folder: FOLDER,
  files: (model) => [
    ...model.kinds.map((kind) => page(fileName(kind), kindPage(model, kind))),
    page("diagnostics.md", diagnosticsPage()),
    page("README.md", indexPage(model)),
  ],
};

const page = (name: string, text: string): GeneratedFile => ({
  path: `${FOLDER}/${name}`,
  content: NOTE + text,
});

const fileName = (kind: Kind): string => `${kebabCase(kind.kind)}.md`;

function indexPage({ kinds }: Model): string {
  const rows = kinds.map((kind) => `| [${kind.kind}](${fileName(kind)}) | ${cell(kind.doc)} |`);
  return `# Reference

| Kind | What it is |
| --- | --- |
${rows.join("\n")}

Every refusal and warning, with its cause and the way out: [diagnostics](diagnostics.md).
`;
}

function kindPage(model: Model, kind: Kind): string {
  const declared = Object.entries(kind.fields).filter(
    ([, schema]) => !annotationsOf(schema).internal && !annotationsOf(schema).computed,
  );
  const computed = Object.entries(kind.fields).filter(([, schema]) => annotationsOf(schema).computed);
  return [
    `# ${kind.kind}\n\n${kind.doc}\n`,
    `## Example\n\n\`\`\`ts\n${exampleProgram(model, kind)}\`\`\`\n`,
    `## Fields\n\n${fieldTable(kind, declared)}`,
    ...(computed.length > 0
      ? [`## Outputs\n\nEvery field above that is not secret, \`id\`, and:\n\n${outputTable(computed)}`]
      : []),
    `## Identity\n\n${identity(kind)}\n`,
    `## What depends on what\n\n${bullets(dependencies(model, kind))}`,
    `## Names\n\n${bullets(names(kind))}`,
  ].join("\n");
}

type Field = readonly [name: string, schema: FieldSchema];

function fieldTable(kind: Kind, fields: readonly Field[]): string {
  const rows = fields.flatMap(([name, schema]) => fieldRows(name, schema, need(kind, name, schema)));
  return table(["Field", "Type", "Default", "Meaning"], rows);
}

/** A field, and below it the members of a group. */
function fieldRows(name: string, schema: FieldSchema, byDefault: string): string[][] {
  const meaning = [schema.description ?? "", ...factsOf(schema)].join(" ");
  const members = membersOf(itemsOf(schema) ?? schema) ?? {};
  const below = Object.entries(members).flatMap(([member, one]) =>
    fieldRows(
      `${name}${itemsOf(schema) ? "[]" : ""}.${member}`,
      one,
      one.default === undefined ? "**required**" : code(defaultText(one) ?? '""'),
    ),
  );
  return [[code(name), typeText(schema), byDefault, meaning], ...below];
}

function outputTable(fields: readonly Field[]): string {
  const rows = fields.flatMap(([name, schema]) => {
    const members = Object.entries(membersOf(itemsOf(schema) ?? schema) ?? {});
    const below = members.map(([member, one]) => [
      code(`${name}[].${member}`),
      typeText(one),
      one.description ?? "",
    ]);
    return [[code(name), typeText(schema), schema.description ?? ""], ...below];
  });
  return table(["Output", "Type", "Meaning"], rows);
}

function need(kind: Kind, name: string, schema: FieldSchema): string {
  if (name === "name" && !kind.joins) return "the resource's name";
  if (isRequired(schema)) return "**required**";
  if (!isStored(schema)) return "one is required";
  if (membersOf(schema)) return "as below";
  const text = defaultText(schema);
  return text === undefined ? (itemsOf(schema) ? "none" : "empty") : code(text);
}

function typeText(schema: FieldSchema): string {
  const items = itemsOf(schema);
  if (items) return `${annotationsOf(schema).set ? "set" : "list"} of ${typeText(items)}`;
  const { reference } = annotationsOf(schema);
  if (reference) return `[${reference.kind}](${kebabCase(reference.kind)}.md)`;
  const choices = choicesOf(schema);
  if (choices) return choices.map((one) => code(one)).join(", ");
  if (membersOf(schema)) return "object";
  return (
    { string: "text", boolean: "true or false", integer: "number" }[String(schema.type)] ??
    String(schema.type)
  );
}

function identity(kind: Kind): string {
  const id = "Its `id` is made by the gateway, new on each create.";
  if (!kind.joins) return `\`name\`, unique among the objects of its kind and changeable in place. ${id}`;
  const joined = kind.joins.map((field) => `\`${field}\``);
  return `The gateway holds one at the most for each ${joined.join(" and ")}. It takes no name: its name is what it joins. ${id}`;
}

function dependencies(model: Model, kind: Kind): string[] {
  const own = referenceFields(kind).map(({ field, list, reference: { kind: target, onDelete }, confirm }) => {
    const what = `\`${field}\` refers to ${list ? `${target}s` : `a ${target}`}.`;
    const then =
      onDelete === "cascade"
        ? `When the ${target} is deleted this goes with it; one that has an owner blocks the deletion, unless the same plan deletes it too.`
        : `The ${target} cannot be deleted while this refers to it.`;
    return `${what} ${then}${confirm ? ` A delete through the control API repeats the ${target}'s name: \`?${field}=\`.` : ""}`;
  });
  const users = model.kinds.flatMap((other) =>
    referenceFields(other)
      .filter(({ reference }) => reference.kind === kind.kind)
      .map(({ field, reference }) =>
        reference.onDelete === "cascade"
          ? `Goes with it: a ${other.kind} whose \`${field}\` names it.`
          : `Blocks its deletion: a ${other.kind} whose \`${field}\` names it.`,
      ),
  );
  const guards = Object.entries(kind.fields)
    .filter(([, schema]) => annotationsOf(schema).protects)
    .map(([field]) => `Blocks its deletion: \`${field}\`, while it is on.`);
  const all = [...own, ...users, ...guards];
  return all.length > 0 ? all : ["Nothing depends on it, and it depends on nothing."];
}

const names = (kind: Kind): string[] => [
  `Pulumi: \`${kind.kind}\` of \`@modelgateway/pulumi\`; in the state \`pulumi-nodejs:dynamic/modelgateway:${kind.kind}\``,
  `Control API: \`/v1/${kind.plural}\``,
];

const code = (text: string): string => `\`${text}\``;
const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}\n`).join("");
const cell = (text: string): string => text.replaceAll("|", "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
