import { MAX_NAME, text } from "./field";

const LETTER = "A-Za-z\\u3400-\\u4DBF\\u4E00-\\u9FFF";

/** The manual's rule for names, spelled out because `\p{Han}` compiles in few languages' regular expressions. */
export const NAME_PATTERN = `^[${LETTER}](?:[${LETTER}0-9_-]{0,58}[${LETTER}0-9])?$`;

/** The `name` field of every kind that is named by its user. */
export const nameField = (kind: string) =>
  text(`The name of this ${kind}, unique among its kind and case-sensitive. It can be changed in place.`, {
    minLength: 1,
    maxLength: MAX_NAME,
    pattern: NAME_PATTERN,
    expected:
      "1 to 60 Chinese or English letters, digits, `-` and `_`, beginning with a letter and not ending with `-` or `_`",
  });

/** `ModelApi` -> `model-api`. */
export const kebabCase = (kind: string): string => kind.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();

/** `ModelApi` -> `model-apis`, the collection's path segment. */
export const pluralPath = (kind: string): string => `${kebabCase(kind)}s`;

/** An object's id: 32 lower-case hex digits of which the first is a decimal digit (names never begin with one). */
export const ID_PATTERN = "^[0-9][0-9a-f]{31}$";

const ID = new RegExp(ID_PATTERN);
export const isId = (reference: string): boolean => ID.test(reference);
