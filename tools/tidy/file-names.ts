import type { Finding, SourceFile } from "./files.ts";

const empty = new Set(["util", "utils", "utilities", "helper", "helpers", "misc", "common"]);
const kebab = /^[a-z0-9.]+(-[a-z0-9.]+)*$/;
const namedByOthers = new Set(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Dockerfile", "Chart.yaml"]);

/** A file is named, in kebab-case, after what it defines. */
export function fileNames(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path }) => path.split("/").flatMap((name) => judge(path, name)));
}

function judge(path: string, name: string): Finding[] {
  const word = name.split(/[-.]/).find((part) => empty.has(part));
  if (word !== undefined) return [{ path, message: `"${word}" says nothing: name it after what it defines.` }];
  if (!kebab.test(name) && !namedByOthers.has(name)) return [{ path, message: `"${name}" is not in kebab-case: rename it.` }];
  return [];
}
