import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectCri } from "#kubelet/runtime/cri/client.ts";
import { systemClock } from "#machinery/clock.ts";
import type { ClusterRecord } from "../clusters.ts";
import { buildFrom } from "../images/build-from.ts";
import { builtInBases } from "../images/built-in-images.ts";
import { toArchive } from "../images/image.ts";
import { CommandError, run } from "../nodes/command.ts";
import { importImages } from "../nodes/import-image.ts";
import { startPlatform } from "../nodes/platform.ts";
import { clusterPaths, nodeNames } from "../paths.ts";
import { isRunning } from "../processes.ts";
import { thisMachine } from "../setup/outside.ts";
import { SetupError } from "../setup/setup-error.ts";
import { platformOptions } from "./node-options.ts";
import { nodeServices } from "./services.ts";

/** Loads the images of an archive into every node. Returns their names. @throws SetupError for what is no archive of images */
export async function importIntoNodes(record: ClusterRecord, archive: string): Promise<readonly string[]> {
  const nodes = runningNodes(record);
  const isFile = statSync(archive, { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile) throw new SetupError(`there is no file ${archive}: give the path of an archive of images`);
  const names = new Set<string>();
  for (const node of nodes) {
    const platform = await startPlatform(platformOptions(record, node));
    const loaded = await importImages(run, systemClock, platform, archive).catch((cause: unknown) => {
      if (!(cause instanceof CommandError)) throw cause;
      throw noArchive(archive, cause.stderr.trim().split("\n").at(-1)?.replace(/^ctr: /, ""), cause);
    });
    for (const name of loaded) names.add(name);
  }
  if (names.size === 0) throw noArchive(archive, "no image in it");
  return [...names];
}

function noArchive(archive: string, why = "it cannot be read", cause?: Error): SetupError {
  return new SetupError(`${archive} is no archive of images (${why}): make one with \`docker save\`, \`podman save\` or \`skopeo copy\``, { cause });
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
  if (record.nodes === 0) throw new SetupError(`cluster ${record.name} has no node with containers: give it one with \`knarr up --nodes 1\``);
  const running = new Set(nodeServices(record).filter((service) => isRunning(service)).map(({ name }) => name));
  const nodes = nodeNames(record.nodes).filter((node) => running.has(node));
  if (nodes.length === 0) throw new SetupError(`no node of cluster ${record.name} runs: start it with \`knarr up\``);
  return nodes;
}
