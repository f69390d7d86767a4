import { isRecord, pointerPart, type Values } from "@modelgateway/schema";

/** What stands, in a preview, for a value that only the update will bring. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Known {
  /** The values, with null in place of what is not known yet. */
  readonly values: Values;
  /** JSON pointers to those places. */
  readonly pointers: readonly string[];
}

/** Finds what is not known yet, at any depth. */
export function withoutUnknown(given: Values): Known {
  const pointers: string[] = [];
  const values = walk(given, "", (pointer) => pointers.push(pointer));
  return { values: values as Values, pointers };
}

function walk(value: unknown, pointer: string, found: (pointer: string) => void): unknown {
  if (value === UNKNOWN) {
    found(pointer);
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => walk(item, `${pointer}/${index}`, found));
  if (!isRecord(value)) return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([name, member]) => [name, walk(member, `${pointer}/${pointerPart(name)}`, found)]),
  );
}

/** Puts the marks back, so that the engine shows these places as computed. */
export function withUnknown(values: Values, pointers: readonly string[]): Values {
  return pointers.reduce<Values>(
    (marked, pointer) => mark(marked, pointer.split("/").slice(1)) as Values,
    values,
  );
}

function mark(value: unknown, [head, ...rest]: readonly string[]): unknown {
  if (head === undefined) return UNKNOWN;
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === head ? mark(item, rest) : item));
  const name = head.replaceAll("~1", "/").replaceAll("~0", "~");
  const members = isRecord(value) ? value : {};
  return { ...members, [name]: mark(members[name], rest) };
}
