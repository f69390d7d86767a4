import { UNKNOWN, withoutUnknown, withUnknown } from "./unknowns";

const cases: [what: string, given: Record<string, unknown>, pointers: string[]][] = [
  ["nothing", { a: 1, b: "x", c: null, d: [], e: {} }, []],
  ["a value", { a: UNKNOWN, b: 1 }, ["/a"]],
  ["elements of a list", { a: ["x", UNKNOWN, UNKNOWN] }, ["/a/1", "/a/2"]],
  ["members", { a: { b: UNKNOWN, c: [{ d: UNKNOWN }] } }, ["/a/b", "/a/c/0/d"]],
  ["a member with an awkward name", { "a/b~c": UNKNOWN }, ["/a~1b~0c"]],
  ["text that only holds the mark", { a: `x${UNKNOWN}` }, []],
];
test.each(cases)("finds %s and puts it back", (_what, given, pointers) => {
  const known = withoutUnknown(given);
  expect(known.pointers).toEqual(pointers);
  expect(JSON.stringify(known.values).includes(`"${UNKNOWN}"`)).toBe(false);
  expect(withUnknown(known.values, known.pointers)).toEqual(given);
});

test("marks what was not there", () => {
  expect(withUnknown({ a: 1 }, ["/routes"])).toEqual({ a: 1, routes: UNKNOWN });
});
