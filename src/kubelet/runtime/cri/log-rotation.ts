import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { Clock, Timer } from "#machinery/clock.ts";

export interface LogRotationOptions {
  readonly clock: Clock;
  /** Running containers and the files that they write to. */
  readonly logs: () => readonly { readonly id: string; readonly path: string }[];
  /** Tells the runtime to write to a new file of the same name. */
  readonly reopen: (containerId: string) => Promise<void>;
  /** Default 10 MiB. */
  readonly bytes?: number;
  /** Of each container, the one that is written to among them. Default 5. */
  readonly files?: number;
}

const roundMilliseconds = 10_000;
const defaultBytes = 10 * 1024 * 1024;
const defaultFiles = 5;

/**
 * Keeps containers' logs from growing without bound. A log that is too long is set aside as `0.log.20260102-030405`; of those set
 * aside all but the newest are compressed (`….gz`), and the oldest go.
 */
export class LogRotation {
  readonly #options: LogRotationOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: LogRotationOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.after(roundMilliseconds, () => {
      void this.rotateAll().finally(() => {
        if (!this.#stopped) this.start();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** One round over all logs. A log that cannot be rotated now waits for the next. */
  async rotateAll(): Promise<void> {
    for (const { id, path } of this.#options.logs()) await this.#rotate(id, path).catch(() => undefined);
  }

  async #rotate(id: string, path: string): Promise<void> {
    const { clock, reopen, bytes = defaultBytes, files = defaultFiles } = this.#options;
    const { size } = await stat(path);
    if (size <= bytes) return;
    const time = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
    const aside = `${path}.${time}`;
    const older = await setAside(path);
    const surplus = Math.max(0, older.length - (files - 2));
    for (const file of older.slice(0, surplus)) await rm(file, { force: true });
    for (const file of older.slice(surplus)) if (!file.endsWith(".gz")) await compress(file);
    await rename(path, aside);
    try {
      await reopen(id);
    } catch (error) {
      // The runtime still writes to the file that it has open: it gets its name back.
      await rename(aside, path);
      throw error;
    }
  }
}

/** The parts of a log that were set aside, oldest first. */
export async function setAside(path: string): Promise<readonly string[]> {
  const directory = dirname(path);
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name.startsWith(`${basename(path)}.`) && !name.endsWith(".tmp")).sort().map((name) => join(directory, name));
}

async function compress(file: string): Promise<void> {
  const unfinished = `${file}.tmp`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(unfinished));
  await rename(unfinished, `${file}.gz`);
  await rm(file);
}
