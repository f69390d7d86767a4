import { annotationsOf, isStored, model } from "@modelgateway/schema";
import { type Plan, plan } from "./plan";
import { Book, library } from "./testing/invented-model";

const base = {
  name: "b",
  title: "T",
  tags: ["a", "b"],
  size: { width: 1, height: 2 },
  fingerprint: "v1.a.b",
};

const cases: [what: string, change: Record<string, unknown>, unknown: string[], expected: Partial<Plan>][] = [
  ["nothing", {}, [], { action: "none", changed: [] }],
  ["a default that is written out", { language: "en", authors: [] }, [], { action: "none" }],
  ["another spelling and order of a set", { tags: ["B", "a", "b"] }, [], { action: "none" }],
  ["another order of members", { size: { height: 2, width: 1 } }, [], { action: "none" }],
  ["a computed value", { slug: "x" }, [], { action: "none" }],
  ["a field", { title: "U" }, [], { action: "update", changed: ["title"] }],
  ["a member", { size: { width: 1, height: 3 } }, [], { action: "update", changed: ["size"] }],
  ["the order of a list", { authors: ["y", "x"] }, [], { action: "update", changed: ["authors"] }],
  ["a secret", { fingerprint: "v1.a.c" }, [], { action: "update", changed: ["fingerprint"] }],
  [
    "what is fixed",
    { isbn: "1", title: "U" },
    [],
    { action: "replace", changed: ["title", "isbn"], replaces: ["isbn"] },
  ],
  ["an unknown value", { title: null }, ["/title"], { action: "update", changed: ["title"] }],
  ["an unknown element", { authors: [null] }, ["/authors/0"], { action: "update", changed: ["authors"] }],
  ["an unknown secret", {}, ["/fingerprint"], { action: "update", changed: ["fingerprint"] }],
  ["an unknown value of what is fixed", { isbn: null }, ["/isbn"], { action: "replace", replaces: ["isbn"] }],
];
test.each(cases)("%s", (_what, change, unknown, expected) => {
  expect(plan(Book, base, { ...base, ...change }, unknown)).toMatchObject(expected);
});

test("what an older version left out of the state is no change", () => {
  expect(
    plan(Book, { name: "b", title: "T" }, { name: "b", title: "T", pages: 1, fingerprint: "" }).action,
  ).toBe("none");
});

describe.each([...model.kinds, ...library.kinds].map((kind) => [kind.kind, kind] as const))(
  "%s",
  (_name, kind) => {
    const stored = Object.keys(kind.fields).filter((field) => isStored(kind.fields[field]!));
    test.each(stored)("a change of %s is seen", (field) => {
      const { createOnly } = annotationsOf(kind.fields[field]!);
      expect(plan(kind, {}, { [field]: "other" })).toEqual({
        action: createOnly ? "replace" : "update",
        changed: [field],
        replaces: createOnly ? [field] : [],
      });
    });
  },
);
