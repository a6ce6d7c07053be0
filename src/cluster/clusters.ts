import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

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
}

/** The clusters of this machine: a record each, NAME.json, under `directory`. */
export class Clusters {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  list(): readonly ClusterRecord[] {
    if (!existsSync(this.#directory)) return [];
    const names = readdirSync(this.#directory).filter((file) => file.endsWith(".json")).toSorted();
    return names.map((file) => JSON.parse(readFileSync(path.join(this.#directory, file), "utf8")) as ClusterRecord);
  }

  get(name: string): ClusterRecord | undefined {
    return this.list().find((record) => record.name === name);
  }

  put(record: ClusterRecord): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const file = this.#file(record.name);
    writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  remove(name: string): void {
    rmSync(this.#file(name), { force: true });
  }

  #file(name: string): string {
    return path.join(this.#directory, `${name}.json`);
  }
}
