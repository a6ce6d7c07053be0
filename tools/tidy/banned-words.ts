import { type Finding, forEachLine, type SourceFile } from "./files.ts";

const unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX"];
const pattern = new RegExp(`\\b(${unfinished.join("|")})\\b`);

/** Nothing is left for later in the text: do it now, or write an issue. */
export function bannedWords(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    forEachLine(file, (line) => {
      const word = pattern.exec(line)?.[1];
      return word === undefined ? undefined : `${word}: do it now, or open an issue and describe here what stands.`;
    }),
  );
}
