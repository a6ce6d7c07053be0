import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Fleet } from "#api/generated/simulation-v1.ts";
import { SetupError } from "./setup/setup-error.ts";

/** What is known of a cluster on this machine, across restarts. */
export interface ClusterRecord {
  readonly name: string;
  /** Tells this machine's clusters apart in addresses and interface names: 0 to 63. */
  readonly index: number;
  /** Where all of the cluster's data lies. */
  readonly dataDirectory: string;
  /** Port of the API on loopback. */
  readonly port: number;
  /** Nodes with containers. */
  readonly nodes: number;
  /** Nodes without. */
  readonly simulatedNodes: number;
  /** What those are like, where that was said. */
  readonly fleet?: Fleet;
  /** Versions of kinds that are served besides the generally available ones, as `--runtime-config` had them. */
  readonly runtimeConfig?: string;
}

/** The clusters of this machine: a record each, NAME.json, under `directory`. */
export class Clusters {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws SetupError when a record cannot be read */
  list(): readonly ClusterRecord[] {
    if (!existsSync(this.#directory)) return [];
    try {
      const names = readdirSync(this.#directory).filter((file) => file.endsWith(".json")).toSorted();
      return names.map((file) => read(path.join(this.#directory, file)));
    } catch (cause) {
      if (cause instanceof SetupError) throw cause;
      throw cannotUse(this.#directory, cause);
    }
  }

  get(name: string): ClusterRecord | undefined {
    return this.list().find((record) => record.name === name);
  }

  put(record: ClusterRecord): void {
    this.prepare();
    const file = this.file(record.name);
    writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /** Sees to it that records can be written. @throws SetupError where they cannot */
  prepare(): void {
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      accessSync(this.#directory, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw cannotUse(this.#directory, cause);
    }
  }

  /** Where a cluster's record is kept. */
  file(name: string): string {
    return path.join(this.#directory, `${name}.json`);
  }

  /** Whoever changes the cluster holds this file: see lifecycle/lock.ts. */
  lock(name: string): string {
    return path.join(this.#directory, `${name}.lock`);
  }
}

function read(file: string): ClusterRecord {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ClusterRecord;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new SetupError(`${file} is damaged: mend it, or remove it and give \`knarr up\` the cluster's --data-dir again`, { cause });
  }
}

function cannotUse(directory: string, cause: unknown): SetupError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new SetupError(`${directory}, where clusters are kept, cannot be used (${code}): set KNARR_HOME to a directory of yours`, { cause });
}
