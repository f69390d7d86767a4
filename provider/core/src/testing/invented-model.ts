import {
  choice,
  computed,
  defineKind,
  flag,
  group,
  integer,
  listOf,
  Model,
  record,
  reference,
  secret,
  setOf,
  text,
} from "@modelgateway/schema";

const Shelf = defineKind({ kind: "Shelf", doc: "Holds books.", fields: {} });

/** A kind with every sort of field and annotation, so that tests name no field of the product. */
export const Book = defineKind({
  kind: "Book",
  doc: "Something to read.",
  fields: {
    title: text("Its title.", { minLength: 1, maxLength: 20 }),
    language: choice(["en", "zh"], "Its language.", { default: "en" }),
    isbn: text("Its number.", { default: "", createOnly: true }),
    pages: integer("How many.", { default: 1, minimum: 1, maximum: 9999 }),
    lent: flag("Not here."),
    tags: setOf(text("A word.", { normalForm: "lowerCase" }), "Words.", { default: [], maxItems: 9 }),
    authors: listOf(text("A name.", {}), "Names, the first one first.", { default: [], maxItems: 9 }),
    size: group(
      {
        width: integer("In mm.", { default: 100, minimum: 1, maximum: 999 }),
        height: integer("In mm.", { default: 200, minimum: 1, maximum: 999 }),
      },
      "How big.",
    ),
    editions: listOf(
      record({ year: integer("When.", { minimum: 0, maximum: 9999 }) }, "An edition."),
      "All.",
      { default: [], maxItems: 9 },
    ),
    shelf: reference("Shelf", "restrict", "Where it stands."),
    related: listOf(reference("Book", "cascade", "A book."), "Books like it.", { default: [], maxItems: 9 }),
    slug: computed(text("For URLs.", {})),
    ...secret("What is hidden in it."),
    valueFrom: text("Where else it is hidden.", { default: "" }),
  },
  derived: {
    slug: {
      reads: ["title", "language"],
      from: ({ title, language }: { title: string; language: string }) => `${language}-${title}`,
    },
  },
});

const Loan = defineKind({
  kind: "Loan",
  doc: "Who has a book.",
  fields: {
    book: reference("Book", "restrict", "Which.", { confirm: true }),
    reader: text("Who.", {}),
  },
  joins: ["book"],
});

export const library = new Model([Shelf, Book, Loan]);
