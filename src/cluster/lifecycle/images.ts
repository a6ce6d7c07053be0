import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectCri } from "#kubelet/runtime/cri/client.ts";
import { systemClock } from "#machinery/clock.ts";
import type { ClusterRecord } from "../clusters.ts";
import { buildFrom } from "../images/build-from.ts";
import { builtInBases } from "../images/built-in-images.ts";
import { toArchive } from "../images/image.ts";
import { run } from "../nodes/command.ts";
import { importImages } from "../nodes/import-image.ts";
import { startPlatform } from "../nodes/platform.ts";
import { clusterPaths, nodeNames } from "../paths.ts";
import { isRunning } from "../processes.ts";
import { thisMachine } from "../setup/outside.ts";
import { SetupError } from "../setup/setup-error.ts";
import { platformOptions } from "./node-options.ts";
import { nodeServices } from "./services.ts";

/** Loads the images of an archive into every node. Returns their names. */
export async function importIntoNodes(record: ClusterRecord, archive: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const node of runningNodes(record)) {
    const platform = await startPlatform(platformOptions(record, node));
    for (const name of await importImages(run, systemClock, platform, archive)) names.add(name);
  }
  return [...names];
}

/** An image that a node has. */
export interface NodeImage {
  readonly node: string;
  readonly name: string;
  readonly bytes: number;
}

export async function listImages(record: ClusterRecord): Promise<readonly NodeImage[]> {
  const found: NodeImage[] = [];
  for (const node of runningNodes(record)) {
    const { layout } = await startPlatform(platformOptions(record, node));
    const client = connectCri(layout.containerdSocket, systemClock);
    try {
      const { images } = await client.listImages({});
      for (const { repoTags, size } of images) for (const name of repoTags) found.push({ node, name, bytes: Number(size) });
    } finally {
      client.close();
    }
  }
  return found;
}

/** Builds an image from the Dockerfile in a directory and loads it into every node. */
export async function buildIntoNodes(record: ClusterRecord, directory: string, name: string, report: (detail: string) => void): Promise<void> {
  const bases = builtInBases(thisMachine(), clusterPaths(record.dataDirectory).images, report);
  const image = await buildFrom(directory, name, bases);
  const temporary = mkdtempSync(path.join(tmpdir(), "knarr-image-"));
  try {
    const archive = path.join(temporary, "image.tar");
    writeFileSync(archive, await toArchive(image));
    await importIntoNodes(record, archive);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function runningNodes(record: ClusterRecord): readonly string[] {
  const running = new Set(nodeServices(record).filter((service) => isRunning(service)).map(({ name }) => name));
  const nodes = nodeNames(record.nodes).filter((node) => running.has(node));
  if (nodes.length === 0) throw new SetupError(`no node of cluster ${record.name} runs: start it with \`knarr up\``);
  return nodes;
}
