import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Progress } from "../setup/install-packages.ts";
import type { Outside } from "../setup/outside.ts";
import type { FindBase } from "./build-from.ts";
import { findBusybox } from "./busybox.ts";
import { helloImage, makeHello } from "./hello.ts";
import { type Image, toArchive } from "./image.ts";
import { makePause, pauseImage } from "./pause.ts";

/** An image that needs no registry, as an OCI archive on disk. */
export interface BuiltInImage {
  readonly name: string;
  /** The archive; its file name changes whenever its content does. */
  readonly archive: string;
}

/** What every cluster has without a pull; made from busybox, one line each. */
const recipes = new Map([[pauseImage, makePause], [helloImage, makeHello]]);

/**
 * Makes the built-in images and leaves their archives in `cacheDirectory`, where they stay; 30 ms, and a download when
 * the machine has no static busybox.
 *
 * @throws SetupError when there is none to be had.
 */
export async function makeBuiltInImages(outside: Outside, cacheDirectory: string, progress: Progress): Promise<BuiltInImage[]> {
  const busybox = await findBusybox(outside, cacheDirectory, progress);
  mkdirSync(cacheDirectory, { recursive: true });
  return Promise.all([...recipes.values()].map(async (make) => store(await make(busybox), cacheDirectory)));
}

/** The built-in images as bases to build upon; made when one is asked for. */
export function builtInBases(outside: Outside, cacheDirectory: string, progress: Progress): FindBase {
  return async (name) => {
    const make = recipes.get(name);
    return make === undefined ? undefined : make(await findBusybox(outside, cacheDirectory, progress));
  };
}

async function store(image: Image, cacheDirectory: string): Promise<BuiltInImage> {
  const content = await toArchive(image);
  const [, base = ""] = /\/([^/]+)$/.exec(image.name) ?? [];
  const prefix = `${base.replace(":", "-")}-`;
  const fileName = `${prefix}${createHash("sha256").update(content).digest("hex").slice(0, 16)}.tar`;
  const archive = path.join(cacheDirectory, fileName);
  if (!existsSync(archive)) {
    writeFileSync(`${archive}.${process.pid}`, content);
    renameSync(`${archive}.${process.pid}`, archive);
  }
  const outdated = readdirSync(cacheDirectory).filter((name) => name.startsWith(prefix) && name.endsWith(".tar") && name !== fileName);
  for (const name of outdated) rmSync(path.join(cacheDirectory, name), { force: true });
  return { name: image.name, archive };
}
