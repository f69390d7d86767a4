import type { PlanChange } from "@modelgateway/schema";
import { type Intent, Journal } from "./journal";

const wanted = { object: { name: "a" }, unknown: [] };
const waiting = { object: { name: "a" }, unknown: ["/title"] };

const cases: [what: string, intents: Intent[], changes: PlanChange[]][] = [
  [
    "a create",
    [{ does: "create", ...wanted }],
    [{ op: "create", kind: "Book", object: wanted.object, managedAs: "as" }],
  ],
  [
    "a create of which a value is not known",
    [{ does: "create", ...waiting }],
    [{ op: "create", kind: "Book", object: waiting.object, unknown: ["/title"], managedAs: "as" }],
  ],
  [
    "an update",
    [{ does: "update", id: "1", ...wanted }],
    [{ op: "update", kind: "Book", id: "1", object: wanted.object }],
  ],
  [
    "an update that takes over",
    [{ does: "update", id: "1", takeOver: "old", ...wanted }],
    [{ op: "update", kind: "Book", id: "1", object: wanted.object, takeOver: "old" }],
  ],
  [
    "a replacement",
    [{ does: "replace", id: "1", ...wanted }],
    [
      { op: "delete", kind: "Book", id: "1" },
      { op: "create", kind: "Book", object: wanted.object, managedAs: "as", replaces: "1" },
    ],
  ],
  ["a delete", [{ does: "delete", id: "1" }], [{ op: "delete", kind: "Book", id: "1" }]],
  [
    "what is left alone",
    [{ does: "keep", id: "1", object: {} }],
    [{ op: "keep", kind: "Book", id: "1", object: {} }],
  ],
  [
    "the last word on an object",
    [
      { does: "keep", id: "1" },
      { does: "update", id: "1", ...wanted },
    ],
    [{ op: "update", kind: "Book", id: "1", object: wanted.object }],
  ],
];
test.each(cases)("%s", (_what, intents, changes) => {
  const journal = new Journal();
  for (const intent of intents) journal.note("Book", "as", intent);
  expect(journal.changes()).toEqual(changes);
});

test("what has been written is kept, whatever it was to become", () => {
  const journal = new Journal();
  journal.note("Book", "a", { does: "replace", id: "1", ...wanted });
  journal.note("Shelf", "a", { does: "create", ...wanted });
  journal.wrote("Book", "a", "2");
  expect(journal.changes()).toMatchObject([
    { op: "keep", kind: "Book", id: "2" },
    { op: "create", kind: "Shelf" },
  ]);
});
