import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { SetupError } from "./setup/setup-error.ts";

/** What only one cluster of a machine can have: its name is in names of namespaces and cgroups, its index in addresses and of interfaces. */
export type Claimable = "name" | "network";

/**
 * Who has what on this machine, across every KNARR_HOME. A claim is a symbolic link, `KIND-VALUE`, to the data directory of its cluster,
 * which the file system gives to one alone; it lapses when that directory is gone.
 */
export class Claims {
  readonly #directory: string;

  constructor(directory = "/var/lib/knarr/claims") {
    this.#directory = directory;
  }

  /** The data directory of the cluster that has it, if one has. */
  holder(kind: Claimable, value: string): string | undefined {
    try {
      const holder = readlinkSync(this.#link(kind, value));
      return existsSync(holder) ? holder : undefined;
    } catch {
      return undefined;
    }
  }

  /** Returns whether the cluster has it now, newly or as before. */
  take(kind: Claimable, value: string, dataDirectory: string): boolean {
    const holder = this.holder(kind, value);
    if (holder !== undefined) return holder === dataDirectory;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    rmSync(this.#link(kind, value), { force: true });
    try {
      symlinkSync(dataDirectory, this.#link(kind, value));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return this.holder(kind, value) === dataDirectory;
      throw error;
    }
  }

  /** @throws SetupError that says who has it. */
  demand(kind: Claimable, value: string, dataDirectory: string): void {
    if (this.take(kind, value, dataDirectory)) return;
    const what = kind === "name" ? `the name ${value}` : `network ${value}`;
    const wayOut = kind === "name" ? "choose another --name" : "delete one of the two";
    throw new SetupError(`${what} belongs to the cluster in ${this.holder(kind, value) ?? "another directory"}: ${wayOut}`);
  }

  /** Gives back all that the cluster has. */
  release(dataDirectory: string): void {
    if (!existsSync(this.#directory)) return;
    for (const name of readdirSync(this.#directory)) {
      const link = path.join(this.#directory, name);
      if (readlinkSync(link) === dataDirectory) rmSync(link, { force: true });
    }
  }

  #link(kind: Claimable, value: string): string {
    return path.join(this.#directory, `${kind}-${value}`);
  }
}
