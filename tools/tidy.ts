/**
 * House style as a check: what no compiler or linter looks at. Prints one line per finding, each saying what to do
 * instead, and leaves with 1; prints nothing when all is well. `npm run tidy`.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFiles } from "./tidy/files.ts";
import { rules } from "./tidy/rules.ts";

const root = join(fileURLToPath(import.meta.url), "..", "..");
const files = readFiles(root);
const findings = rules.flatMap((rule) => rule(files));

for (const { path, line, message } of findings) console.error(`${path}${line === undefined ? "" : `:${line}`}: ${message}`);
if (findings.length > 0) process.exitCode = 1;
