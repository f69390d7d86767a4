import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE, defineKind, Model, model, reference, secret, text } from "@modelgateway/schema";
import ts from "typescript";
import { library } from "../../../provider/core/src/testing/invented-model";
import { exampleProgram } from "./example";
import { pulumiClasses } from "./pulumi";
import { referencePages } from "./reference";

const ROOT = join(__dirname, "../../..");
const GENERATORS = [pulumiClasses, referencePages];

test.each(GENERATORS.flatMap(({ files }) => files(model)).map((file) => [file.path, file] as const))(
  "%s is fresh (else: npm run build && npm run generate)",
  (path, { content }) => {
    expect(readFileSync(join(ROOT, path), "utf8")).toBe(content);
  },
);

test("each generator fills its own folder only", () => {
  for (const { folder, files } of GENERATORS) {
    for (const { path } of files(library)) expect(path.startsWith(`${folder}/`)).toBe(true);
  }
});

/** Compiles files that exist only here, as part of the provider package. */
function problemsIn(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT, { noEmit: true, composite: false });
  const paths = {
    "@modelgateway/schema": [join(ROOT, "schema/src/index.ts")],
    "@modelgateway/core": [join(ROOT, "provider/core/src/index.ts")],
    "@modelgateway/pulumi": [join(ROOT, "provider/pulumi/src/index.ts")],
  };
  const host = ts.createCompilerHost({ ...options, paths });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const content = files.get(path);
    return content === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, content, rest[0]);
  };
  const settings = { ...options, paths, declaration: false, declarationMap: false, noUnusedLocals: false };
  const program = ts.createProgram([...files.keys()], settings, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    return `${file?.fileName.slice(ROOT.length)}: ${text}`;
  });
}

test("classes of a model with every sort of field compile, and so does each kind's example", () => {
  const classes = pulumiClasses
    .files(library)
    .map(({ path, content }) => [join(ROOT, path), content] as const);
  const examples = model.kinds.map(
    (kind) =>
      [join(ROOT, `provider/pulumi/src/example-${kind.plural}.ts`), exampleProgram(model, kind)] as const,
  );
  const invented = classes.filter(([path]) => !path.endsWith("/index.ts"));
  expect(problemsIn(new Map([...invented, ...examples]))).toEqual([]);
}, 60_000);

describe("a class", () => {
  const [source = ""] = pulumiClasses
    .files(library)
    .flatMap(({ path, content }) => (path.endsWith("/book.ts") ? [content] : []));

  const parts: [what: string, text: string][] = [
    [
      "an optional argument with its default",
      '   * @default "en"\n   */\n  language?: pulumi.Input<"en" | "zh"> | undefined;',
    ],
    [
      "a required argument with its limits",
      "   * 1 to 20 characters.\n   */\n  title: pulumi.Input<string>;",
    ],
    ["a reference", "  shelf: pulumi.Input<string | Shelf>;"],
    [
      "a list of references to its own kind",
      "  related?: pulumi.Input<pulumi.Input<string | Book>[]> | undefined;",
    ],
    ["a group", "  size?: pulumi.Input<BookSizeArgs> | undefined;"],
    ["a list of groups", "  editions?: pulumi.Input<pulumi.Input<BookEditionArgs>[]> | undefined;"],
    ["an output of a group", "  declare public readonly size: pulumi.Output<BookSize>;"],
    ["an output of names", "  declare public readonly related: pulumi.Output<string[]>;"],
    ["a computed output", "  declare public readonly slug: pulumi.Output<string>;"],
    ["that a change replaces", "   * A change replaces the object."],
    ["a secret that is never an output", "  value?: pulumi.Input<string> | undefined;"],
  ];
  test.each(parts)("has %s", (_what, text) => {
    expect(source).toContain(text);
  });

  test("has no internal field, no output of a secret and no argument for what is computed", () => {
    expect(source).not.toMatch(/\bsalt\b|readonly value:|slug\?:/);
  });
});

describe("a reference page", () => {
  const page = (name: string) =>
    referencePages.files(library).find(({ path }) => path.endsWith(`/${name}.md`))!.content;

  test.each([
    ["book", "| `title` | text | **required** | Its title. 1 to 20 characters. |"],
    ["book", "| `size.width` | number | `100` | In mm. 1 to 999. |"],
    ["book", "| `editions[].year` | number | **required** | When. 0 to 9,999. |"],
    ["book", "| `shelf` | [Shelf](shelf.md) | **required** | Where it stands. |"],
    ["book", "- Blocks its deletion: a Loan whose `book` names it."],
    ["book", "- Goes with it: a Book whose `related` names it."],
    ["loan", "The gateway holds one at the most for each `book`."],
    ["loan", "`?book=`"],
    ["README", "| [Book](book.md) | Something to read. |"],
  ])("%s says %s", (name, text) => {
    expect(page(name)).toContain(text);
  });

  test("the catalogue has every code once", () => {
    const codes = [...page("diagnostics").matchAll(/^### (\w+)$/gm)].map(([, code]) => code);
    expect(codes.sort()).toEqual(Object.keys(CATALOGUE).sort());
  });
});

test("an example declares what the object needs first", () => {
  const Vault = defineKind({ kind: "Vault", doc: "A safe.", fields: { ...secret("Its code.") } });
  const Coin = defineKind({
    kind: "Coin",
    doc: "Money.",
    fields: {
      vault: reference("Vault", "restrict", "Where it lies."),
      motto: text("For example `E pluribus`: for example `unum`.", {}),
    },
  });
  expect(
    exampleProgram(new Model([Vault, Coin]), Coin),
  ).toBe(`import * as gateway from "@modelgateway/pulumi";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const vault = new gateway.Vault("vault", {
  value: config.requireSecret("secret"),
});
const coin = new gateway.Coin("coin", {
  vault,
  motto: "unum",
});
`);
});
