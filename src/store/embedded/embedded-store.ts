import type { Database, RootDatabase } from "lmdb";
import type { HistoryLimits, Store, StoreClock } from "../store.ts";
import { VersionedStore, type VersionedStoreOptions } from "../versioned-store.ts";
import { pageBytes, prepareDirectory, prepareFiles } from "./data-file.ts";
import { explain } from "./disk-errors.ts";
import { LmdbLedger } from "./lmdb-ledger.ts";
import { claim, enter, leave, release } from "./ownership.ts";

export interface EmbeddedStoreOptions {
  /** Holds nothing but the store; made where it does not exist. */
  readonly directory: string;
  readonly clock: StoreClock;
  readonly history?: Partial<HistoryLimits>;
}

const defaultHistory: HistoryLimits = { revisions: 100_000, bytes: 256 * 1024 * 1024 };
/** Address space that is set aside, not memory or disk: what the store may grow to. */
const mostBytes = 64 * 1024 ** 3;
const formatKey = Buffer.from("format");
const format = "1";

/**
 * Opens the store in `directory` for this process alone.
 *
 * It survives the death of process and machine at any moment: what was acknowledged is there, and watches resume from
 * any revision that history holds.
 *
 * @throws Error, naming the directory and the way out, when it is in use, cannot be read or written, or holds something else.
 */
export async function openEmbeddedStore({ directory, clock, history }: EmbeddedStoreOptions): Promise<Store> {
  const path = await explained(directory, () => prepareDirectory(directory));
  return enter(path, async () => {
    const root = await openEnvironment(path);
    try {
      const about = root.openDB<Buffer, Buffer>({ name: "about", encoding: "binary", keyEncoding: "binary" });
      claim(about, path);
      return openClaimed(root, about, path, { clock, history: { ...defaultHistory, ...history } });
    } catch (error) {
      await root.close();
      throw error;
    }
  });
}

function openClaimed(root: RootDatabase<Buffer, Buffer>, about: Database<Buffer, Buffer>, path: string, options: VersionedStoreOptions): Store {
  try {
    checkFormat(about, path);
    const closing = (): void => release(about);
    const closed = (): void => leave(path);
    return new VersionedStore(new LmdbLedger(root, path, { closing, closed }), options);
  } catch (error) {
    release(about);
    throw error;
  }
}

async function openEnvironment(path: string): Promise<RootDatabase<Buffer, Buffer>> {
  // Loaded when it is needed: what only talks to a cluster shall not wait for it.
  const { open } = await import("lmdb");
  return explained(path, () => {
    prepareFiles(path);
    return open<Buffer, Buffer>({
      path,
      noSubdir: false,
      encoding: "binary",
      keyEncoding: "binary",
      // Without this a write would be acknowledged before it is flushed to disk.
      overlappingSync: false,
      // Batches are put together here; LMDB's binding adding its own leaves rejected promises that nobody can handle.
      eventTurnBatching: false,
      pageSize: pageBytes,
      mapSize: mostBytes,
    });
  });
}

async function explained<Result>(directory: string, action: () => Result): Promise<Result> {
  try {
    return action();
  } catch (error) {
    throw await explain(error, directory);
  }
}

function checkFormat(about: Database<Buffer, Buffer>, directory: string): void {
  const found = about.getBinary(formatKey)?.toString();
  if (found === undefined) about.putSync(formatKey, Buffer.from(format));
  else if (found !== format) {
    throw new Error(`the store in ${directory} has format ${found}, and this version knows only ${format}: use the version that wrote it`);
  }
}
