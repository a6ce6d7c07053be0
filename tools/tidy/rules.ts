import { bannedCalls } from "./banned-calls.ts";
import { bannedWords } from "./banned-words.ts";
import { dependencies } from "./dependencies.ts";
import { fileNames } from "./file-names.ts";
import type { Rule } from "./files.ts";
import { fileSizes } from "./file-sizes.ts";
import { lineLengths } from "./line-lengths.ts";
import { picture } from "./picture.ts";
import { skippedTests } from "./skipped-tests.ts";
import { typeImports } from "./type-imports.ts";

/** Every rule of the house style; each is one file in this folder and one line here. */
export const rules: readonly Rule[] = [fileNames, fileSizes, lineLengths, bannedWords, bannedCalls, typeImports, dependencies, picture, skippedTests];
