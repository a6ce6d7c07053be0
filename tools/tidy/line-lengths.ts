import { type Finding, forEachLine, type SourceFile } from "./files.ts";

/** Columns of code that fit beside each other in a review. Tests are exempt, for their data may be wide, and so are imports. */
export const maxColumns = 150;

const imported = /^(import|export) .* from "/;

/** Lines of code stay within sight. */
export function lineLengths(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("test/"))
    .flatMap((file) =>
      forEachLine(file, (line) =>
        line.length <= maxColumns || imported.test(line) ? undefined : `${line.length} columns, ${maxColumns} at most: break the line.`,
      ),
    );
}
