/** The classes of @modelgateway/pulumi: for each kind its arguments, its outputs and their documentation. */
import {
  annotationsOf,
  isRequired,
  isStored,
  type Kind,
  kebabCase,
  type Model,
  referenceFields,
} from "@modelgateway/schema";
import {
  choicesOf,
  defaultText,
  elementName,
  type FieldSchema,
  factsOf,
  itemsOf,
  membersOf,
  pascal,
} from "./facts";
import type { GeneratedFile, Generator } from "./generated-file";

const FOLDER = "provider/pulumi/src/gen";
const HEADER = "// Written by `npm run generate` from the schema. Change it there.\n";
const LINE_WIDTH = 110;

export const pulumiClasses: Generator = {
  folder: FOLDER,
  files: (model) => [...model.kinds.map((kind) => classFile(model, kind)), indexFile(model)],
};

const moduleName = (kind: string): string => kebabCase(kind);

function indexFile({ kinds }: Model): GeneratedFile {
  const modules = kinds.map(({ kind }) => moduleName(kind)).sort();
  const lines = modules.map((name) => `export * from "./${name}";\n`);
  return { path: `${FOLDER}/index.ts`, content: HEADER + lines.join("") };
}

function classFile(model: Model, kind: Kind): GeneratedFile {
  const fields = Object.entries(kind.fields).filter(([, schema]) => !annotationsOf(schema).internal);
  const inputs = fields.filter(([, schema]) => !annotationsOf(schema).computed);
  const outputs = fields.filter(([, schema]) => !annotationsOf(schema).writeOnly);
  const parts = [
    imports(model, kind),
    ...fields.flatMap(([name, schema]) => interfacesOf(kind, name, schema)),
    argsInterface(kind, inputs),
    resourceClass(kind, inputs, outputs),
  ];
  return { path: `${FOLDER}/${moduleName(kind.kind)}.ts`, content: `${HEADER}${parts.join("\n")}` };
}

function imports(_model: Model, kind: Kind): string {
  const targets = new Set(referenceFields(kind).map(({ reference }) => reference.kind));
  targets.delete(kind.kind);
  const classes = [...targets].sort().map((one) => `import type { ${one} } from "./${moduleName(one)}";\n`);
  return [
    `import type * as pulumi from "@pulumi/pulumi";\n`,
    `import { GatewayResource } from "../resource";\n`,
    ...classes,
  ].join("");
}

type Field = readonly [name: string, schema: FieldSchema];

/** A field that is a group, or a list of groups, gets interfaces of its own: one to write and one to read. */
function interfacesOf(kind: Kind, field: string, schema: FieldSchema): string[] {
  const items = itemsOf(schema);
  const holder = items ?? schema;
  const members = membersOf(holder);
  if (!members) return [];
  const name = interfaceName(kind, field, schema);
  const doc = docComment(holder.description ?? "", []);
  const outputs = Object.entries(members).map(
    ([member, one]) => `${outputDoc(one)}  ${member}: ${outputType(kind, member, one)};\n`,
  );
  const read = `${doc}export interface ${name} {\n${outputs.join("")}}\n`;
  if (annotationsOf(schema).computed) return [read];
  const inputs = Object.entries(members).map(
    ([member, one]) => `${inputDoc(one)}${inputMember(kind, member, one)}`,
  );
  return [`${doc}export interface ${name}Args {\n${inputs.join("")}}\n`, read];
}

const interfaceName = (kind: Kind, field: string, schema: FieldSchema): string =>
  `${kind.kind}${itemsOf(schema) ? elementName(field) : pascal(field)}`;

function argsInterface(kind: Kind, inputs: readonly Field[]): string {
  const members = inputs.map(([name, schema]) => {
    const isOptional = !isRequired(schema) || isNamedByResource(kind, name);
    const extra = isNamedByResource(kind, name) ? ["By default the name of the resource."] : [];
    return `${inputDoc(schema, extra)}${inputMember(kind, name, schema, isOptional)}`;
  });
  return `/** What to declare of a ${kind.kind}. */\nexport interface ${kind.kind}Args {\n${members.join("")}}\n`;
}

const isNamedByResource = (kind: Kind, field: string): boolean =>
  field === "name" && kind.joins === undefined;

function resourceClass(kind: Kind, inputs: readonly Field[], outputs: readonly Field[]): string {
  const members = outputs.map(
    ([name, schema]) =>
      `${outputDoc(schema)}  declare public readonly ${name}: pulumi.Output<${outputType(kind, name, schema)}>;\n`,
  );
  const isBare = inputs.every(([name, schema]) => !isRequired(schema) || isNamedByResource(kind, name));
  const args = `args: ${kind.kind}Args${isBare ? " = {}" : ""}`;
  return `${docComment(kind.doc, [])}export class ${kind.kind} extends GatewayResource {
${members.join("")}
  /**
   * @param name its logical name in this program${kind.joins ? "" : ", and the object's name where `args` gives none"}
   */
  constructor(name: string, ${args}, options?: pulumi.CustomResourceOptions) {
    super("${kind.kind}", name, args, options);
  }
}
`;
}

function inputMember(
  kind: Kind,
  name: string,
  schema: FieldSchema,
  isOptional = !isRequiredMember(schema),
): string {
  const type = inputType(kind, name, schema);
  return `  ${name}${isOptional ? "?" : ""}: ${type}${isOptional ? " | undefined" : ""};\n`;
}

const isRequiredMember = (schema: FieldSchema): boolean => isStored(schema) && schema.default === undefined;

function inputType(kind: Kind, field: string, schema: FieldSchema): string {
  const items = itemsOf(schema);
  if (items) return `pulumi.Input<${elementInput(kind, field, schema, items)}[]>`;
  if (membersOf(schema)) return `pulumi.Input<${interfaceName(kind, field, schema)}Args>`;
  return `pulumi.Input<${scalar(schema, true)}>`;
}

function elementInput(kind: Kind, field: string, schema: FieldSchema, items: FieldSchema): string {
  return membersOf(items)
    ? `pulumi.Input<${interfaceName(kind, field, schema)}Args>`
    : `pulumi.Input<${scalar(items, true)}>`;
}

function outputType(kind: Kind, field: string, schema: FieldSchema): string {
  const items = itemsOf(schema);
  if (membersOf(items ?? schema)) return `${interfaceName(kind, field, schema)}${items ? "[]" : ""}`;
  if (!items) return scalar(schema, false);
  const element = scalar(items, false);
  return element.includes(" ") ? `(${element})[]` : `${element}[]`;
}

function scalar(schema: FieldSchema, isInput: boolean): string {
  const { reference } = annotationsOf(schema);
  if (reference && isInput) return `string | ${reference.kind}`;
  const choices = choicesOf(schema);
  if (choices) return choices.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.type === "integer") return "number";
  return String(schema.type);
}

/** The comment of an argument: everything that who writes it must know. */
function inputDoc(schema: FieldSchema, extra: readonly string[] = []): string {
  const items = itemsOf(schema);
  const { reference } = annotationsOf(items ?? schema);
  const refers = reference
    ? [items ? `${reference.kind}s, or their names.` : `A ${reference.kind}, or the name of one.`]
    : [];
  const facts = [...refers, ...factsOf(schema), ...extra].join(" ");
  const byDefault = defaultText(schema);
  const rest = [facts, byDefault === undefined ? "" : `@default ${byDefault}`].filter((part) => part !== "");
  return docComment(schema.description ?? "", rest, "  ");
}

/** The comment of an output: what it is. */
const outputDoc = (schema: FieldSchema): string => docComment(schema.description ?? "", [], "  ");

/** A documentation comment; each paragraph is wrapped. */
function docComment(first: string, rest: readonly string[], indent = ""): string {
  const single = `${indent}/** ${first} */\n`;
  if (rest.length === 0 && single.length <= LINE_WIDTH) return single;
  const paragraphs = [first, ...rest].map((one) => wrapped(one, LINE_WIDTH - indent.length - 3));
  const lines = paragraphs.flatMap((one, index) => (index === 0 ? one : ["", ...one]));
  const body = lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n");
  return `${indent}/**\n${body}\n${indent} */\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.replaceAll("*/", "*\\/").split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
