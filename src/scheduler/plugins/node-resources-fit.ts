import type { NodeInfo } from "../node-info.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { type Refusal, refusal } from "../refusals.ts";
import { resourceScore, type ScoringStrategy, usualResources } from "../resource-scores.ts";

export interface NodeResourcesFitArguments {
  /** Extended resources that are not looked at, by name or by the group before the slash. */
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

const usual: NodeResourcesFitArguments = {
  ignoredResources: [], ignoredResourceGroups: [], scoringStrategy: { type: "LeastAllocated", resources: usualResources },
};

/** Sees that a node has room for what a pod asks, and prefers nodes by how full they are; by default the emptiest. */
export function nodeResourcesFit(given: NodeResourcesFitArguments = usual): Plugin {
  const isIgnored = (name: string): boolean =>
    given.ignoredResources.includes(name) || given.ignoredResourceGroups.includes(name.split("/", 1)[0] ?? "");
  return {
    name: "NodeResourcesFit",
    filter(pod, node) {
      return hasRoom(pod, node) ? undefined : shortages(pod, node, isIgnored);
    },
    score: resourceScore(given.scoringStrategy),
    mayHelp({ requests }, change) {
      switch (change.what) {
        case "node-added":
          return true;
        case "node-updated":
          return change.differences.allocatable;
        case "pod-removed":
          return true;
        case "pod-updated":
          return askingLess(change.before, change.pod) && requests.milliCpu + requests.memory + requests.ephemeralStorage + requests.others.size > 0;
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

function shortages({ requests }: PodInfo, node: NodeInfo, isIgnored: (name: string) => boolean): Refusal | undefined {
  const reasons: string[] = [];
  let final = true;
  if (node.pods.size >= node.podLimit) {
    reasons.push("Too many pods");
    final = false;
  }
  const check = (name: string, amount: number): void => {
    const allocatable = node.allocatable.get(name);
    if (amount === 0 || amount <= allocatable - node.requested.get(name)) return;
    reasons.push(`Insufficient ${name}`);
    if (amount <= allocatable) final = false;
  };
  check("cpu", requests.milliCpu);
  check("memory", requests.memory);
  check("ephemeral-storage", requests.ephemeralStorage);
  for (const [name, amount] of requests.others) if (!isIgnored(name)) check(name, amount);
  return reasons.length === 0 ? undefined : shared(reasons, final);
}

const common = ["Too many pods", "Insufficient cpu", "Insufficient memory"];
const made = new Map(common.map((reason) => [reason, { passing: refusal(false, reason), final: refusal(true, reason) }]));

/** The common refusals are made once: a full cluster refuses a pod on every node. */
function shared(reasons: readonly string[], final: boolean): Refusal {
  const [reason = ""] = reasons;
  const known = reasons.length === 1 ? made.get(reason) : undefined;
  return known?.[final ? "final" : "passing"] ?? refusal(final, ...reasons);
}

function askingLess(before: PodInfo, after: PodInfo): boolean {
  return after.requests.milliCpu < before.requests.milliCpu || after.requests.memory < before.requests.memory;
}
