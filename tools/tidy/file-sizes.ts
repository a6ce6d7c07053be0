import type { Finding, SourceFile } from "./files.ts";

/** Lines that a file of code may have. About 100 is typical; one that wants more wants to be a folder. */
export const maxLines = 600;

const ratchetPath = "tools/tidy/oversized.json";

/**
 * Files grow to 600 lines and no further. `tools/tidy/oversized.json` records the exceptions with their exact length:
 * an exception may shrink (and then the record has to follow), never grow.
 */
export function fileSizes(files: readonly SourceFile[]): Finding[] {
  const recorded = readRatchet(files);
  const sizes = new Map(files.filter(({ path }) => path.endsWith(".ts")).map(({ path, text }) => [path, countLines(text)]));
  const gone = Object.keys(recorded)
    .filter((path) => !sizes.has(path))
    .map((path) => ({ path: ratchetPath, message: `${path} is gone: take it off the list.` }));
  return [...gone, ...[...sizes].flatMap(([path, lines]) => judge(path, lines, recorded[path]))];
}

function judge(path: string, lines: number, recorded: number | undefined): Finding[] {
  if (recorded === undefined) {
    return lines <= maxLines ? [] : [{ path, message: `${lines} lines, ${maxLines} at most: make it a folder of smaller files.` }];
  }
  if (lines > recorded) return [{ path, message: `grew from ${recorded} to ${lines} lines: it may only shrink. Move something out.` }];
  if (lines <= maxLines) return [{ path: ratchetPath, message: `${path} now has ${lines} lines: take it off the list.` }];
  if (lines < recorded) return [{ path: ratchetPath, message: `${path} shrank from ${recorded} to ${lines} lines: record that.` }];
  return [];
}

function readRatchet(files: readonly SourceFile[]): Record<string, number> {
  const file = files.find(({ path }) => path === ratchetPath);
  return file === undefined ? {} : (JSON.parse(file.text) as Record<string, number>);
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
