import type { Node } from "#api/core/node.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Pod } from "#api/core/pod.ts";

/** One case of upstream's scheduler_perf, by its name there: what stands before, and what is timed. */
export interface Case {
  readonly name: string;
  node(index: number): Node;
  /** Pods that stand before, for each node; they are placed by the scheduler too, untimed. */
  readonly before: { readonly perNode: number; pod(index: number): Pod };
  /** Pods that never fit and stay in the queue all the time. */
  readonly hopeless?: { readonly perNode: number; pod(index: number): Pod };
  /** What else is there before the pods are, by plural. */
  others?(nodes: number): { readonly [plural: string]: readonly KubeObject[] };
  /** Pods that are timed, for each node. */
  readonly timed: { readonly perNode: number; pod(index: number): Pod };
}

const time = "2026-01-01T00:00:00Z";

function node(index: number): Node {
  const name = `node-${index}`;
  const labels = { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": `zone-${index % 3}` };
  const status = { allocatable: { cpu: "4", memory: "32Gi", pods: "110" }, conditions: [{ type: "Ready", status: "True" }] };
  return { apiVersion: "v1", kind: "Node", metadata: { name, uid: name, labels, creationTimestamp: time }, spec: {}, status } as unknown as Node;
}

interface Wishes {
  readonly labels?: { readonly [key: string]: string };
  readonly cpu?: string;
  readonly memory?: string;
  readonly spec?: Partial<Pod["spec"]>;
}

function pods(prefix: string, { labels = {}, cpu = "100m", memory = "500Mi", spec = {} }: Wishes): (index: number) => Pod {
  return (index) => {
    const name = `${prefix}-${index}`;
    return {
      apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", uid: name, labels, creationTimestamp: time },
      spec: {
        schedulerName: "default-scheduler", priority: 0, ...spec,
        containers: [{ name: "pause", image: "registry.k8s.io/pause:3.10", resources: { requests: { cpu, memory } } }],
      },
      status: { phase: "Pending" },
    } as unknown as Pod;
  };
}

const green = { color: "green" };
const zone = "topology.kubernetes.io/zone";
const near = (topologyKey: string): object => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: green }, topologyKey }],
});
const apart = { affinity: { podAntiAffinity: near("kubernetes.io/hostname") } } as unknown as Partial<Pod["spec"]>;
const together = { affinity: { podAffinity: near(zone) } } as unknown as Partial<Pod["spec"]>;
const spread = (whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway"): Partial<Pod["spec"]> => ({
  topologySpreadConstraints: [
    { maxSkew: 5, topologyKey: zone, whenUnsatisfiable, labelSelector: { matchLabels: { color: "blue" } } },
  ],
});
const plain = (prefix: string): { perNode: number; pod: (index: number) => Pod } => ({ perNode: 1, pod: pods(prefix, {}) });
const few = (prefix: string): { perNode: number; pod: (index: number) => Pod } => ({ ...plain(prefix), perNode: 0.2 });

export const cases: readonly Case[] = [
  { name: "SchedulingBasic", node, before: few("before"), timed: { perNode: 2, pod: pods("basic", {}) } },
  { name: "SchedulingManyPods", node, before: few("before"), timed: { perNode: 10, pod: pods("basic", {}) } },
  {
    name: "SchedulingPodAntiAffinity", node, before: few("before"),
    timed: { perNode: 0.4, pod: pods("apart", { labels: green, spec: apart }) },
  },
  { name: "SchedulingPodAffinity", node, before: few("before"), timed: { perNode: 1, pod: pods("together", { labels: green, spec: together }) } },
  {
    name: "TopologySpreading", node, before: plain("before"),
    timed: { perNode: 1, pod: pods("spread", { labels: { color: "blue" }, spec: spread("DoNotSchedule") }) },
  },
  {
    name: "PreferredTopologySpreading", node, before: plain("before"),
    timed: { perNode: 1, pod: pods("spread", { labels: { color: "blue" }, spec: spread("ScheduleAnyway") }) },
  },
  {
    name: "Preemption", node, before: { perNode: 4, pod: pods("low", { cpu: "900m" }) },
    timed: { perNode: 1, pod: pods("high", { cpu: "3", spec: { priority: 10, preemptionPolicy: "PreemptLowerPriority" } }) },
  },
  {
    name: "Unschedulable", node, before: few("before"), hopeless: { perNode: 0.04, pod: pods("hopeless", { cpu: "9" }) },
    timed: { perNode: 2, pod: pods("basic", {}) },
  },
  {
    name: "SchedulingWithResourceClaims", node, before: few("before"), others: devicesAndClaims,
    timed: { perNode: 1, pod: (index) => pods("claiming", { spec: { resourceClaims: [claimOf(index)] } })(index) },
  },
];

function claimOf(index: number): { name: string; resourceClaimName: string } {
  return { name: "gpu", resourceClaimName: `claim-${index}` };
}

/** Two devices for each node, and one claim. */
function devicesAndClaims(nodes: number): { readonly [plural: string]: readonly KubeObject[] } {
  const driver = "gpu.example.com";
  const expression = `device.driver == "${driver}" && device.attributes["${driver}"].memory >= 40`;
  const devices = ["gpu-0", "gpu-1"].map((name) => ({ name, attributes: { memory: { int: 80 } } }));
  const named = (kind: string, name: string, spec: object, namespace?: string): KubeObject => {
    const metadata = { name, namespace, uid: name, creationTimestamp: time };
    return { apiVersion: "resource.k8s.io/v1", kind, metadata, spec, status: {} } as unknown as KubeObject;
  };
  const slice = (name: string): object => ({ driver, nodeName: name, pool: { name, generation: 1, resourceSliceCount: 1 }, devices });
  const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1 } }];
  const all = Array.from({ length: nodes }, (_, index) => index);
  return {
    deviceclasses: [named("DeviceClass", "gpu", { selectors: [{ cel: { expression } }] })],
    resourceslices: all.map((index) => named("ResourceSlice", `node-${index}`, slice(`node-${index}`))),
    resourceclaims: all.map((index) => named("ResourceClaim", claimOf(index).resourceClaimName, { devices: { requests } }, "default")),
  };
}
