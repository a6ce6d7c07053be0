import type {
  DefaultPreemptionArgs, InterPodAffinityArgs, NodeAffinityArgs, NodeResourcesBalancedAllocationArgs, NodeResourcesFitArgs, PodTopologySpreadArgs,
  VolumeBindingArgs,
} from "#api/generated/schedulerconfig-v1.ts";
import type { Plugin } from "./plugin.ts";
import { defaultBinder } from "./plugins/default-binder.ts";
import { defaultPreemption } from "./plugins/default-preemption.ts";
import { dynamicResources } from "./plugins/dynamic-resources.ts";
import { imageLocality } from "./plugins/image-locality.ts";
import { interPodAffinity } from "./plugins/inter-pod-affinity.ts";
import { nodeAffinity } from "./plugins/node-affinity.ts";
import { nodeName } from "./plugins/node-name.ts";
import { nodePorts } from "./plugins/node-ports.ts";
import { nodeResourcesBalancedAllocation } from "./plugins/node-resources-balanced-allocation.ts";
import { nodeResourcesFit } from "./plugins/node-resources-fit.ts";
import { nodeUnschedulable } from "./plugins/node-unschedulable.ts";
import { nodeVolumeLimits } from "./plugins/node-volume-limits.ts";
import { podTopologySpread } from "./plugins/pod-topology-spread.ts";
import { prioritySort } from "./plugins/priority-sort.ts";
import { schedulingGates } from "./plugins/scheduling-gates.ts";
import { taintToleration } from "./plugins/taint-toleration.ts";
import { volumeBinding } from "./plugins/volume-binding.ts";
import { volumeRestrictions } from "./plugins/volume-restrictions.ts";
import { volumeZone } from "./plugins/volume-zone.ts";

/** A plugin and how much its points count. */
export interface Weighted {
  readonly plugin: Plugin<unknown, unknown>;
  readonly weight: number;
}

/** A set of plugins under the name that pods ask for by `schedulerName`. */
export interface Profile {
  readonly name: string;
  /** Asked in this order; the first refusal of a node counts. */
  readonly plugins: readonly Weighted[];
  /** Of the fitting nodes, how many are compared, in percent; 0 leaves it to the number of nodes. */
  readonly percentageOfNodesToScore: number;
}

/** A plugin that there is. */
export interface KnownPlugin {
  readonly name: string;
  /** How much its points count by default; 0 where it gives none. */
  readonly weight: number;
  /** Whether it has settings: then the schema of the configuration has a message NAMEArgs. */
  readonly hasArguments?: true;
  /** @param settings such a message, with its defaults filled in; absent where there are none */
  make(settings?: never): Plugin<unknown, unknown>;
}

/** The plugins of upstream's default profile, with its weights, in its order. */
export const knownPlugins: readonly KnownPlugin[] = [
  { name: "SchedulingGates", weight: 0, make: () => schedulingGates },
  { name: "PrioritySort", weight: 0, make: () => prioritySort },
  { name: "NodeUnschedulable", weight: 0, make: () => nodeUnschedulable },
  { name: "NodeName", weight: 0, make: () => nodeName },
  { name: "TaintToleration", weight: 3, make: () => taintToleration },
  { name: "NodeAffinity", weight: 2, hasArguments: true, make: (settings?: NodeAffinityArgs) => nodeAffinity(settings) },
  { name: "NodePorts", weight: 0, make: () => nodePorts },
  { name: "NodeResourcesFit", weight: 1, hasArguments: true, make: (settings?: NodeResourcesFitArgs) => nodeResourcesFit(settings) },
  { name: "VolumeRestrictions", weight: 0, make: () => volumeRestrictions },
  { name: "NodeVolumeLimits", weight: 0, make: () => nodeVolumeLimits },
  { name: "VolumeBinding", weight: 0, hasArguments: true, make: (settings?: VolumeBindingArgs) => volumeBinding(settings) },
  { name: "VolumeZone", weight: 0, make: () => volumeZone },
  { name: "PodTopologySpread", weight: 2, hasArguments: true, make: (settings?: PodTopologySpreadArgs) => podTopologySpread(settings) },
  { name: "InterPodAffinity", weight: 2, hasArguments: true, make: (settings?: InterPodAffinityArgs) => interPodAffinity(settings) },
  { name: "DynamicResources", weight: 0, make: () => dynamicResources },
  { name: "DefaultPreemption", weight: 0, hasArguments: true, make: (settings?: DefaultPreemptionArgs) => defaultPreemption(settings) },
  {
    name: "NodeResourcesBalancedAllocation", weight: 1, hasArguments: true,
    make: (settings?: NodeResourcesBalancedAllocationArgs) => nodeResourcesBalancedAllocation(settings),
  },
  { name: "ImageLocality", weight: 1, make: () => imageLocality },
  { name: "DefaultBinder", weight: 0, make: () => defaultBinder },
];

export const defaultProfile: Profile = {
  name: "default-scheduler",
  percentageOfNodesToScore: 0,
  plugins: knownPlugins.map(({ make, weight }) => ({ plugin: make(), weight })),
};
