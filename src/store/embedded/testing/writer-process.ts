/**
 * A process that writes to the store in the directory given until it is killed, and says on its standard output, a line
 * each, what has been acknowledged: `put KEY REVISION` or `delete KEY REVISION`.
 */
import { systemTimers } from "./system-timers.ts";
import { valueOf } from "./value-of-key.ts";
import { openEmbeddedStore } from "../embedded-store.ts";

const writers = 32;
const [directory = "", round = ""] = process.argv.slice(2);

const store = await openEmbeddedStore({ directory, clock: systemTimers });
await Promise.all(Array.from({ length: writers }, (_, writer) => writeOn(writer)));

async function writeOn(writer: number): Promise<never> {
  for (let sequence = 0; ; sequence++) {
    const key = `/${round}/${writer}/${sequence}`;
    const result = await store.put(key, valueOf(key), 0);
    if (!result.written) throw new Error(`${key} exists already`);
    process.stdout.write(`put ${key} ${result.revision}\n`);
    if (sequence % 4 !== 0) continue;
    const deletion = await store.delete(key, result.revision);
    if (!deletion.written) throw new Error(`${key} was not as written`);
    process.stdout.write(`delete ${key} ${deletion.revision}\n`);
  }
}
