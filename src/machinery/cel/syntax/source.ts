import { codePointCount } from "../values/text.ts";

/** Something wrong with an expression, found before it runs. */
export interface Issue {
  /** Offset into the text, in UTF-16 units; `undefined` when the whole expression is meant. */
  readonly at: number | undefined;
  readonly message: string;
}

/** Beyond this many issues only their number is told. */
const largestReport = 100;
const longestSnippet = 16_384;

/**
 * The report that users know: for each issue a line with its place, the line of the expression, and a mark below it.
 *
 *     ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')
 *      | foo.bar
 *      | ^
 */
export function describeIssues(text: string, issues: readonly Issue[]): string {
  const placed = issues.map((issue) => ({ ...place(text, issue.at), message: issue.message }));
  const sorted = placed.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const shown = sorted.slice(0, largestReport).map((issue) => describe(text, issue));
  if (sorted.length > largestReport) shown.push(`${sorted.length - largestReport} more errors were truncated`);
  return shown.join("\n");
}

interface Place {
  /** From 1; −1 when nowhere in particular. */
  readonly line: number;
  /** From 0, in code points; −1 when nowhere in particular. */
  readonly column: number;
}

function place(text: string, at: number | undefined): Place {
  if (at === undefined) return { line: -1, column: -1 };
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: codePointCount(before.slice(lineStart)) };
}

function describe(text: string, { line, column, message }: Place & { readonly message: string }): string {
  const heading = `ERROR: <input>:${line}:${column + 1}: ${message}`;
  const snippet = text.split("\n")[line - 1];
  if (snippet === undefined || snippet.length > longestSnippet) return heading;
  const characters = Array.from(snippet);
  const dots = characters.slice(0, column).map((character) => (isWide(character) ? "．" : "."));
  const mark = isWide(characters[column] ?? "") ? "＾" : "^";
  return `${heading}\n | ${snippet.replaceAll("\t", " ")}\n | ${dots.join("")}${mark}`;
}

function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) > 0x7f;
}
