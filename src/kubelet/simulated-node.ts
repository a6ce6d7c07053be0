import type { Client } from "#client/client.ts";
import type { Clock } from "#machinery/clock.ts";
import type { IpRange } from "#machinery/ip.ts";
import type { Random } from "#machinery/random.ts";
import type { ClusterView } from "./cluster-view.ts";
import { Kubelet } from "./kubelet.ts";
import type { NodeDescription } from "./node/node-description.ts";
import type { Events } from "./pod-work.ts";
import { simulatedActions, simulatedProbes } from "./runtime/simulated/simulated-actions.ts";
import { SimulatedRuntime } from "./runtime/simulated/simulated-runtime.ts";

export interface SimulatedNodeOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly node: NodeDescription;
  readonly events: Events;
  readonly view: ClusterView;
  /** Where the pods' addresses come from: distinct for each node. */
  readonly podRange: IpRange;
  /** How long making a sandbox takes, from least to most. */
  readonly sandboxMilliseconds?: readonly [number, number];
  /** How often a running container fails by itself, on average. Default never. */
  readonly failuresPerHour?: number;
  readonly failed: (what: string, error: Error) => void;
}

/** A pod that starts within this time is told of once: Running. */
const pendingMilliseconds = 1_000;
/** Half as often as other nodes: thousands of them renew their leases in one process. Nodes may be silent for 50 seconds. */
const heartbeatMilliseconds = 20_000;

/** A node without containers: its pods only pretend (runtime/simulated/behaviour.ts says how they can be told what to do). */
export function simulatedNode(options: SimulatedNodeOptions): { readonly kubelet: Kubelet; readonly runtime: SimulatedRuntime } {
  const { client, clock, random, node, events, view, podRange, sandboxMilliseconds, failuresPerHour, failed } = options;
  const runtime = new SimulatedRuntime({ clock, random, podRange, sandboxMilliseconds, failuresPerHour });
  const kubelet = new Kubelet({
    client, clock, random, node, events, view, runtime, failed,
    actions: simulatedActions(clock),
    probes: simulatedProbes,
    startsAtOnce: 100, pendingMilliseconds, heartbeatMilliseconds,
  });
  return { kubelet, runtime };
}
