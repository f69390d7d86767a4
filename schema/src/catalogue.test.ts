import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE, type Code, diagnostic } from ".";

const root = join(__dirname, "../..");
const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.test.ts"], {
  cwd: root,
  encoding: "utf8",
});
const tests = listed.split("\n").filter((file) => file !== "" && !file.endsWith("catalogue.test.ts"));
const texts = tests.map((file) => readFileSync(join(root, file), "utf8"));

describe.each(Object.keys(CATALOGUE) as Code[])("%s", (code) => {
  test("has a title that ends without a full stop", () => {
    expect(CATALOGUE[code].title).toMatch(/^[A-Z].*[^.]$/);
  });

  test("is reached by a test", () => {
    expect(texts.some((text) => new RegExp(`\\b${code}\\b`).test(text))).toBe(true);
  });
});

test("a diagnostic says what, why and the way out", () => {
  expect(
    diagnostic("name_taken", "/name", {
      of: { kind: "ModelApi", name: "qwen" },
      other: { kind: "ModelApi", name: "qwen", owner: "" },
    }),
  ).toEqual({
    code: "name_taken",
    severity: "error",
    summary: "ModelApi/qwen exists already",
    detail:
      "The name belongs to ModelApi/qwen (no owner). Choose another name, or adopt (Pulumi) or import (Terraform) the existing object.",
    path: "/name",
  });
});
