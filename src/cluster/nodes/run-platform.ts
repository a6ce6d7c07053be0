import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ClusterRecord } from "../clusters.ts";
import { platformOptions } from "../lifecycle/node-options.ts";
import { clusterPaths } from "../paths.ts";
import { importImages } from "./import-image.ts";
import { inNetworkNamespace } from "./layout.ts";
import { startPlatform } from "./platform.ts";

/** Makes the ground that a node stands on, with the built-in images. Returns what to put before a command that is to run inside. */
export async function runPlatform(record: ClusterRecord, node: string): Promise<string> {
  const options = platformOptions(record, node);
  const platform = await startPlatform(options);
  const { images } = clusterPaths(record.dataDirectory);
  const archives = existsSync(images) ? readdirSync(images).filter((file) => file.endsWith(".tar")) : [];
  const imported = path.join(options.directory, "imported-images.json");
  const known = existsSync(imported) ? (JSON.parse(readFileSync(imported, "utf8")) as readonly string[]) : [];
  for (const archive of archives.filter((name) => !known.includes(name))) {
    await importImages(options.run, options.clock, platform, path.join(images, archive));
  }
  writeFileSync(imported, JSON.stringify(archives));
  return inNetworkNamespace(platform.layout).join(" ");
}
