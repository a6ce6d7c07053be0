import type { NodeResourcesFitArgs } from "#api/generated/schedulerconfig-v1.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { type Refusal, refusal } from "../refusals.ts";
import { resourceScore } from "../resource-scores.ts";

/** Sees that a node has room for what a pod asks, and prefers nodes by how full they are; by default the emptiest. */
export function nodeResourcesFit(given: NodeResourcesFitArgs = { scoringStrategy: { type: "LeastAllocated" } }): Plugin {
  const { ignoredResources = [], ignoredResourceGroups = [] } = given;
  const isIgnored = (name: string): boolean =>
    ignoredResources.includes(name) || ignoredResourceGroups.includes(name.split("/", 1)[0] ?? "");
  return {
    name: "NodeResourcesFit",
    isLocal: true,
    filter(pod, node) {
      return hasRoom(pod, node) ? undefined : shortages(pod, node, isIgnored);
    },
    score: resourceScore(given.scoringStrategy),
    mayHelp(_pod, change) {
      switch (change.what) {
        case "node-added":
          return true;
        case "node-updated":
          return change.differences.allocatable;
        case "pod-removed":
          return true;
        case "pod-updated":
          return askingLess(change.before, change.pod);
        default:
          return false;
      }
    },
  };
}

/** The quick answer for pods that ask for nothing extraordinary. */
function hasRoom({ requests }: PodInfo, { pods, podLimit, requested, allocatable }: NodeInfo): boolean {
  return (
    requests.others.size === 0 && pods.size < podLimit &&
    (requests.milliCpu === 0 || requests.milliCpu <= allocatable.milliCpu - requested.milliCpu) &&
    (requests.memory === 0 || requests.memory <= allocatable.memory - requested.memory) &&
    (requests.ephemeralStorage === 0 || requests.ephemeralStorage <= allocatable.ephemeralStorage - requested.ephemeralStorage)
  );
}

/** Looks at every resource, for all are told. */
function shortages({ requests }: PodInfo, node: NodeInfo, isIgnored: (name: string) => boolean): Refusal | undefined {
  const { allocatable, requested } = node;
  const full = node.pods.size >= node.podLimit ? 1 : 0;
  const basic = [
    shortage(requests.milliCpu, allocatable.milliCpu, requested.milliCpu), shortage(requests.memory, allocatable.memory, requested.memory),
    shortage(requests.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage),
  ] as const;
  if (requests.others.size === 0) return shared(full, ...basic);
  const others: string[] = [];
  let worst: Shortage = 0;
  for (const [name, amount] of requests.others) {
    const found = isIgnored(name) ? 0 : shortage(amount, allocatable.get(name), requested.get(name));
    if (found > 0) others.push(`Insufficient ${name}`);
    if (found > 0) worst = worst === 1 ? 1 : found;
  }
  const known = shared(full, ...basic);
  if (others.length === 0) return known;
  return refusal("NodeResourcesFit", worst === 2 && known?.final !== false, ...(known?.reasons ?? []), ...others);
}

/** 0: enough; 1: others have it; 2: there never is so much. */
type Shortage = 0 | 1 | 2;

function shortage(wanted: number, allocatable: number, requested: number): Shortage {
  if (wanted === 0 || wanted <= allocatable - requested) return 0;
  return wanted <= allocatable ? 1 : 2;
}

const made: (Refusal | undefined)[] = [];

/** Refusals for the usual resources are made once: a full cluster refuses a pod on every node. */
function shared(full: 0 | 1, cpu: Shortage, memory: Shortage, storage: Shortage): Refusal | undefined {
  const which = full + 2 * (cpu + 3 * (memory + 3 * storage));
  if (which === 0) return undefined;
  const isFinal = full === 0 && cpu !== 1 && memory !== 1 && storage !== 1;
  return (made[which] ??= refusal(
    "NodeResourcesFit", isFinal, ...(full ? ["Too many pods"] : []), ...(cpu ? ["Insufficient cpu"] : []),
    ...(memory ? ["Insufficient memory"] : []), ...(storage ? ["Insufficient ephemeral-storage"] : []),
  ));
}

function askingLess(before: PodInfo, after: PodInfo): boolean {
  return after.requests.milliCpu < before.requests.milliCpu || after.requests.memory < before.requests.memory;
}
