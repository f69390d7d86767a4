import { fingerprint, isRequired, model, saltFor } from "@modelgateway/schema";
import { type CheckRequest, check } from "./check";
import { Book, library } from "./testing/invented-model";

const OWNER = "pulumi:acme/shop/prod";
const SECRET = "secret-0123456789";
const PRIOR = fingerprint("0123456789abcdef", SECRET);
const ID = "01890000000070008000000000000002";

const checkBook = (inputs: Record<string, unknown>, rest: Partial<CheckRequest> = {}) =>
  check({
    kind: Book,
    inputs: { name: "b", title: "T", shelf: "s", value: SECRET, ...inputs },
    owner: OWNER,
    ...rest,
  });

test("answers what the user wrote, with every default, what derives from it, and no secret", () => {
  expect(checkBook({ tags: ["B", "a"], size: { width: 5 } })).toEqual({
    inputs: {
      name: "b",
      title: "T",
      language: "en",
      isbn: "",
      pages: 1,
      lent: false,
      tags: ["B", "a"],
      authors: [],
      size: { width: 5, height: 200 },
      editions: [],
      shelf: "s",
      related: [],
      valueFrom: "",
      description: "",
      slug: "en-T",
      fingerprint: fingerprint(saltFor("Book", OWNER, "b"), SECRET),
    },
    unknown: [],
    secrets: { value: SECRET, salt: saltFor("Book", OWNER, "b") },
    diagnostics: [],
  });
});

const unknowns: [what: string, inputs: Record<string, unknown>, unknown: string[], result: string[]][] = [
  ["what it does not know", { pages: null }, ["/pages"], ["/pages"]],
  ["an element", { authors: ["a", null] }, ["/authors/1"], ["/authors/1"]],
  ["a member", { size: { width: null } }, ["/size/width"], ["/size/width"]],
  ["what derives from it", { title: null }, ["/title"], ["/title", "/slug"]],
  ["the fingerprint of an unknown secret", { value: null }, ["/value"], ["/fingerprint"]],
  ["the fingerprint of something without a name", { name: null }, ["/name"], ["/name", "/fingerprint"]],
];
test.each(unknowns)("in a preview waits for %s", (_what, inputs, unknown, result) => {
  const checked = checkBook(inputs, { unknown });
  expect(checked.diagnostics).toEqual([]);
  expect([...checked.unknown].sort()).toEqual([...result].sort());
});

const refused: [what: string, inputs: Record<string, unknown>, rest: Partial<CheckRequest>, at: string[]][] =
  [
    ["a value beyond its limits", { pages: 0 }, {}, ["/pages"]],
    ["what stands beside an unknown value", { pages: 0, title: null }, { unknown: ["/title"] }, ["/pages"]],
    ["a field that does not exist", { colour: "red" }, {}, ["/colour"]],
    [
      "a field that does not exist, of an unknown value",
      { colour: null },
      { unknown: ["/colour"] },
      ["/colour"],
    ],
    ["an id in place of a name", { shelf: ID }, {}, ["/shelf"]],
    ["an id in a list of names", { related: ["x", ID] }, {}, ["/related/1"]],
  ];
test.each(refused)("refuses %s", (_what, inputs, rest, at) => {
  expect(checkBook(inputs, rest).diagnostics.map(({ path }) => path)).toEqual(at);
});

test("says whose name is wanted in place of an id", () => {
  expect(checkBook({ shelf: ID }).diagnostics).toMatchObject([
    {
      code: "invalid_field",
      summary: "Book/b: `shelf` is not valid",
      detail: "`shelf` must be the name of a Shelf, not an id.",
    },
  ]);
});

describe("a secret", () => {
  const key = model.kinds.find((kind) => kind.rules && "value" in kind.fields)!;
  const checkKey = (inputs: Record<string, unknown>, priorFingerprint = "") =>
    check({ kind: key, inputs: { name: "k", ...inputs }, owner: OWNER, priorFingerprint });

  test("keeps the salt of the prior state, so that an equal value is no change", () => {
    expect(checkKey({ value: SECRET }, PRIOR).inputs.fingerprint).toBe(PRIOR);
    expect(checkKey({ value: "another-0123456789" }, PRIOR).inputs.fingerprint).not.toBe(PRIOR);
  });

  test("is needed once, and kept where the program says nothing any more", () => {
    expect(checkKey({}).diagnostics).toMatchObject([{ code: "missing_field", path: "/value" }]);
    expect(checkKey({}, PRIOR)).toMatchObject({
      diagnostics: [],
      secrets: {},
      inputs: { fingerprint: PRIOR },
    });
  });

  test("goes where the program names another source", () => {
    const other = { valueFrom: "env:MODELGATEWAY_KEY_A" };
    expect(checkKey(other, PRIOR)).toMatchObject({
      diagnostics: [],
      secrets: {},
      inputs: { fingerprint: "" },
    });
    expect(checkKey({ ...other, value: SECRET }, PRIOR).diagnostics).toMatchObject([{ path: "/valueFrom" }]);
  });

  test("is in no diagnostic", () => {
    expect(JSON.stringify(checkKey({ value: `${SECRET} ` }).diagnostics)).not.toContain(SECRET);
  });
});

test.each([...model.kinds, ...library.kinds].map((kind) => [kind.kind, kind] as const))(
  "%s: everything required may be unknown",
  (_name, kind) => {
    const required = Object.keys(kind.fields).filter((field) => isRequired(kind.fields[field]!));
    const waiting = "value" in kind.fields ? [...required, "value"] : required;
    const inputs = Object.fromEntries(waiting.map((field) => [field, null]));
    const checked = check({ kind, inputs, unknown: waiting.map((field) => `/${field}`), owner: OWNER });
    expect(checked.diagnostics).toEqual([]);
    expect(checked.unknown).toEqual(expect.arrayContaining(required.map((field) => `/${field}`)));
  },
);
