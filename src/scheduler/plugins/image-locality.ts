import type { NodeInfo } from "../node-info.ts";
import { mostPoints, type Plugin } from "../plugin.ts";

const megabyte = 1024 * 1024;
const leastBytes = 23 * megabyte;
const mostBytesPerContainer = 1000 * megabyte;

interface Images {
  readonly names: readonly string[];
  /** For each: the share of nodes that have it. */
  readonly spread: ReadonlyMap<string, number>;
}

/** Prefers nodes that have the pod's images already; less so for images that only a few nodes have, so that these are not flooded. */
export const imageLocality: Plugin<undefined, Images> = {
  name: "ImageLocality",
  prepareScore({ pod }, _nodes, cluster) {
    const names = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ image }) => normalized(image ?? ""));
    const spread = new Map(names.map((name) => [name, cluster.imageHolders(name) / cluster.nodes.length]));
    return [...spread.values()].some((share) => share > 0) ? { names, spread } : undefined;
  },
  score(_pod, node, { names, spread }) {
    const bytes = names.reduce((sum, name) => sum + scaledBytes(node, name, spread), 0);
    const most = mostBytesPerContainer * names.length;
    return Math.floor((mostPoints * (Math.min(Math.max(bytes, leastBytes), most) - leastBytes)) / (most - leastBytes));
  },
};

function scaledBytes(node: NodeInfo, name: string, spread: ReadonlyMap<string, number>): number {
  return Math.floor((node.imageBytes.get(name) ?? 0) * (spread.get(name) ?? 0));
}

/** A name without tag or digest means `latest`. */
function normalized(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") && !image.includes("@") ? `${image}:latest` : image;
}
