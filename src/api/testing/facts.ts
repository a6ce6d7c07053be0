import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** A folder of facts about upstream, beside the repository; absent on most machines, and then the tests that read it are skipped. */
export const factsFolder = ["../shared/facts", "../../shared/facts"].map((folder) => path.resolve(folder)).find((folder) => existsSync(folder));

export function readFact(file: string): Uint8Array | undefined {
  const full = path.join(factsFolder ?? "", file);
  return factsFolder !== undefined && existsSync(full) ? readFileSync(full) : undefined;
}
