import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** A text file of the repository. `path` is relative to its root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule has to say about a file; `line` counts from 1. */
export interface Finding {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

/** Looks at all files at once, so that a rule may compare them. */
export type Rule = (files: readonly SourceFile[]) => Finding[];

const textExtensions = new Set([".ts", ".mjs", ".cjs", ".sh", ".md", ".json", ".yaml", ".schema", ".css", ".html"]);
const skippedNames = new Set(["node_modules", "build", "generated", "dist", ".git", ".cache", "package-lock.json"]);

/** Every text file under `root`, without what is built, generated or installed; by path. */
export function readFiles(root: string): SourceFile[] {
  const paths = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (skippedNames.has(entry.name) ? [] : walk(root, entry.name, entry)));
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

function walk(root: string, path: string, entry: { isDirectory(): boolean; isFile(): boolean }): string[] {
  if (entry.isFile()) return textExtensions.has(extname(path)) || path === "knarr" ? [path] : [];
  if (!entry.isDirectory()) return [];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((child) =>
    skippedNames.has(child.name) ? [] : walk(root, `${path}/${child.name}`, child),
  );
}

/** Calls `visit` for each line; what it returns becomes a finding at that line. */
export function forEachLine(file: SourceFile, visit: (line: string) => string | undefined): Finding[] {
  return file.text.split("\n").flatMap((text, index) => {
    const message = visit(text);
    return message === undefined ? [] : [{ path: file.path, line: index + 1, message }];
  });
}
