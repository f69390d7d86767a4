import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Generator } from "./generated-file";

const ROOT = join(__dirname, "../../..");
/** What two real previews print; an end-to-end test compares it with the tour. */
const SOURCE = "docs/preview.txt";

const COLUMNS = 118;
const CHARACTER = 7.8;
const LINE = 19;
const MARGIN = 22;

/** The README's picture: a terminal with the previews of `docs/preview.txt`. */
export const picture: Generator = {
  folder: "docs/images",
  files: () => [{ path: "docs/images/preview.svg", content: draw(readFileSync(join(ROOT, SOURCE), "utf8")) }],
};

function draw(text: string): string {
  const lines = text.trimEnd().split("\n").flatMap(wrap);
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  const rows = lines.map(
    ({ line, color }, at) =>
      `  <text x="${MARGIN}" y="${MARGIN + (at + 0.75) * LINE}" fill="${color}">${escaped(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    "  <title>Two previews in a terminal</title>",
    `  <rect width="${width}" height="${height}" rx="8" fill="#161b22"/>`,
    `  <g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">`,
    ...rows,
    "  </g>",
    "</svg>",
    "",
  ].join("\n");
}

/** A line that is too long goes on below, in its own colour and with its own indentation. */
function wrap(line: string): { line: string; color: string }[] {
  const color = colorOf(line);
  const indent = " ".repeat(line.length - line.trimStart().length + 2);
  const rows: string[] = [];
  let rest = line;
  while (rest.length > COLUMNS) {
    const cut = rest.lastIndexOf(" ", COLUMNS);
    rows.push(rest.slice(0, cut));
    rest = indent + rest.slice(cut + 1);
  }
  return [...rows, rest].map((row) => ({ line: row, color }));
}

const COLORS: readonly [pattern: RegExp, color: string][] = [
  [/^\$/, "#f0f6fc"],
  [/^\s*error:/, "#ff7b72"],
  [/^\s*warning:/, "#d29922"],
  [/^\s*~/, "#e3b341"],
  [/^\s*\+/, "#7ee787"],
  [/^\s*- /, "#ff7b72"],
];

const colorOf = (line: string): string => COLORS.find(([pattern]) => pattern.test(line))?.[1] ?? "#9da7b3";

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
