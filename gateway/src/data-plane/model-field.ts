import type { RequestBody } from "./request-body";

/** Where a JSON object holds its top-level `model`. All positions are byte offsets. */
export interface ModelField {
  /** The value's first byte; where there is no `model`, the place where one can be inserted. */
  readonly start: number;
  /** After the value's last byte. */
  readonly end: number;
  readonly kind: "string" | "null" | "other" | "absent";
  /** The object has no member at all. */
  readonly isEmpty: boolean;
}

/** Why a body is refused. */
export type ScanProblem = "malformed" | "not_an_object" | "too_deep" | "ambiguous";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** What a scan step returns instead of a position. */
const MALFORMED = -1;
const TOO_DEEP = -2;

/** Prompts and tool schemas stay far below; several vendors' parsers give up near a thousand. */
const MAX_DEPTH = 1000;

/** The containers that the scan is inside of. One for all scans: a scan never yields. */
const open = new Uint8Array(MAX_DEPTH);

/**
 * Finds the top-level `model` of a JSON object without parsing it: structure, literals and numbers are checked,
 * the inside of strings is left to the vendor. A second `model`, or one that only some parsers take for it (an
 * escape in the key; other case, which Go's decoder accepts), is `ambiguous`: client, gateway and vendor could
 * each read a different model.
 */
export function findModel(body: Buffer): ModelField | ScanProblem {
  let at = skipSpace(body, 0);
  if (body[at] !== OPEN_BRACE) return isValue(body, at) ? "not_an_object" : "malformed";
  const inside = at + 1;
  at = skipSpace(body, inside);
  if (body[at] === CLOSE_BRACE) {
    return endsAfter(body, at + 1) ? absent(inside, true) : "malformed";
  }
  let field: ModelField | undefined;
  for (;;) {
    const keyEnd = skipString(body, at);
    if (keyEnd < 0) return "malformed";
    const likeness = modelLikeness(body, at + 1, keyEnd - 1);
    if (likeness === "disguised") return "ambiguous";
    at = skipSpace(body, keyEnd);
    if (body[at] !== COLON) return "malformed";
    const start = skipSpace(body, at + 1);
    const end = skipValue(body, start);
    if (end < 0) return end === TOO_DEEP ? "too_deep" : "malformed";
    if (likeness === "exact") {
      if (field) return "ambiguous";
      field = { start, end, kind: kindOf(body[start]), isEmpty: false };
    }
    at = skipSpace(body, end);
    if (body[at] === CLOSE_BRACE) break;
    if (body[at] !== COMMA) return "malformed";
    at = skipSpace(body, at + 1);
  }
  return endsAfter(body, at + 1) ? (field ?? absent(inside, false)) : "malformed";
}

/** Gives the body this model, a JSON string: the value is replaced, or the member inserted. */
export function setModel(body: RequestBody, { start, end, kind, isEmpty }: ModelField, model: Buffer): void {
  const text = kind === "absent" ? Buffer.concat([MEMBER, model, isEmpty ? NOTHING : SEPARATOR]) : model;
  body.replace(start, end, text);
}

const MEMBER = Buffer.from('"model":');
const SEPARATOR = Buffer.from(",");
const NOTHING = Buffer.alloc(0);

const absent = (at: number, isEmpty: boolean): ModelField => ({
  start: at,
  end: at,
  kind: "absent",
  isEmpty,
});

const kindOf = (first: number | undefined): ModelField["kind"] =>
  first === QUOTE ? "string" : first === 0x6e ? "null" : "other";

const endsAfter = (body: Buffer, at: number): boolean => skipSpace(body, at) === body.length;

const isValue = (body: Buffer, at: number): boolean => {
  const end = skipValue(body, at);
  return end > 0 && endsAfter(body, end);
};

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = body[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

function skipValue(body: Buffer, at: number): number {
  const first = body[at];
  if (first === QUOTE) return skipString(body, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(body, at);
  return skipScalar(body, at);
}

/** Skips an object or array of any contents, without recursion: a body may nest as deep as it is long. */
function skipContainer(body: Buffer, from: number): number {
  let at = from;
  let depth = 0;
  for (;;) {
    // A value is due at `at`.
    const first = body[at];
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (depth === MAX_DEPTH) return TOO_DEEP;
      // In ASCII both closing brackets stand two places after their opening ones.
      const close = first + 2;
      open[depth++] = close;
      at = skipSpace(body, at + 1);
      if (body[at] !== close) {
        if (close === CLOSE_BRACE) at = skipKey(body, at);
        if (at < 0) return MALFORMED;
        continue;
      }
      at++;
      depth--;
    } else {
      at = first === QUOTE ? skipString(body, at) : skipScalar(body, at);
      if (at < 0) return MALFORMED;
    }
    // A value is complete; what follows it closes containers or separates it from the next value.
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(body, at);
      if (body[at] !== open[depth - 1]) break;
      at++;
      depth--;
    }
    if (body[at] !== COMMA) return MALFORMED;
    at = skipSpace(body, at + 1);
    if (open[depth - 1] === CLOSE_BRACE) at = skipKey(body, at);
    if (at < 0) return MALFORMED;
  }
}

/** From a key to the value that it names. */
function skipKey(body: Buffer, from: number): number {
  const end = skipString(body, from);
  if (end < 0) return MALFORMED;
  const at = skipSpace(body, end);
  return body[at] === COLON ? skipSpace(body, at + 1) : MALFORMED;
}

/** Up to here a loop over the bytes beats the call that searches the rest at memory speed. */
const NEAR = 48;

function skipString(body: Buffer, from: number): number {
  if (body[from] !== QUOTE) return MALFORMED;
  let at = from + 1;
  for (;;) {
    const near = at + NEAR;
    while (at < near) {
      const byte = body[at];
      if (byte === QUOTE) return at + 1;
      if (byte === undefined) return MALFORMED;
      at += byte === BACKSLASH ? 2 : 1;
    }
    const quote = body.indexOf(QUOTE, at);
    if (quote < 0) return MALFORMED;
    // The quote ends the string unless an odd number of backslashes stands before it.
    let run = quote;
    while (run > at && body[run - 1] === BACKSLASH) run--;
    at = quote + 1;
    if (((quote - run) & 1) === 0) return at;
  }
}

function skipScalar(body: Buffer, at: number): number {
  const first = body[at];
  if (first === 0x74) return skipWord(body, at, "true");
  if (first === 0x66) return skipWord(body, at, "false");
  if (first === 0x6e) return skipWord(body, at, "null");
  return skipNumber(body, at);
}

function skipWord(body: Buffer, from: number, word: string): number {
  for (let index = 1; index < word.length; index++) {
    if (body[from + index] !== word.charCodeAt(index)) return MALFORMED;
  }
  return from + word.length;
}

function skipNumber(body: Buffer, from: number): number {
  let at = body[from] === MINUS ? from + 1 : from;
  at = body[at] === ZERO ? at + 1 : skipDigits(body, at);
  if (at >= 0 && body[at] === DOT) at = skipDigits(body, at + 1);
  if (at >= 0 && (body[at] === 0x65 || body[at] === 0x45)) {
    at++;
    if (body[at] === PLUS || body[at] === MINUS) at++;
    at = skipDigits(body, at);
  }
  return at;
}

/** At least one. */
function skipDigits(body: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = body[at];
    if (byte === undefined || byte < ZERO || byte > NINE) return at === from ? MALFORMED : at;
    at++;
  }
}

const MODEL = "model";
/** `model` with each letter written as `\u006d`. */
const LONGEST_DISGUISE = MODEL.length * 6;

/** How a key, given without its quotes, relates to `model`. */
function modelLikeness(body: Buffer, start: number, end: number): "exact" | "disguised" | "none" {
  const length = end - start;
  if (length < MODEL.length || length > LONGEST_DISGUISE) return "none";
  if (length > MODEL.length && !hasEscape(body, start, end)) return "none";
  const text = body.toString("latin1", start, end);
  if (text === MODEL) return "exact";
  return unescaped(text).toLowerCase() === MODEL ? "disguised" : "none";
}

function hasEscape(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (body[at] === BACKSLASH) return true;
  return false;
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
