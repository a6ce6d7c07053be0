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

/** The plugins of upstream's default profile, with its weights. */
export const defaultProfile: Profile = {
  name: "default-scheduler",
  percentageOfNodesToScore: 0,
  plugins: [
    { plugin: schedulingGates, weight: 0 },
    { plugin: prioritySort, weight: 0 },
    { plugin: nodeUnschedulable, weight: 0 },
    { plugin: nodeName, weight: 0 },
    { plugin: taintToleration, weight: 3 },
    { plugin: nodeAffinity, weight: 2 },
    { plugin: nodePorts, weight: 0 },
    { plugin: nodeResourcesFit(), weight: 1 },
    { plugin: volumeRestrictions, weight: 0 },
    { plugin: volumeBinding(), weight: 0 },
    { plugin: volumeZone, weight: 0 },
    { plugin: podTopologySpread(), weight: 2 },
    { plugin: interPodAffinity(), weight: 2 },
    { plugin: dynamicResources, weight: 0 },
    { plugin: defaultPreemption(), weight: 0 },
    { plugin: nodeResourcesBalancedAllocation(), weight: 1 },
    { plugin: imageLocality, weight: 1 },
    { plugin: defaultBinder, weight: 0 },
  ],
};
