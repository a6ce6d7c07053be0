import { expect, it } from "vitest";

import type { Pod } from "#api/generated/core-v1.ts";
import { refusal } from "./node-admission.ts";
import { containerOf, podOf } from "./testing/pods.ts";

const node = { name: "node-1", labels: { disk: "ssd", cpus: "8" }, allocatable: { cpu: "2", memory: "1Gi", pods: "2" } };
const asking = (requests: { readonly [name: string]: string }): Pod => podOf({ containers: [containerOf("main", { resources: { requests } })] });
const port = (hostPort: number, hostIP?: string): Pod =>
  podOf({ containers: [containerOf("main", { ports: [{ containerPort: 80, hostPort, protocol: "TCP", ...(hostIP === undefined ? {} : { hostIP }) }] })] });
const affine = (operator: "Gt" | "NotIn", key: string, values: readonly string[] = []): Pod => podOf({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }] } } },
});

it.each<[string, Pod, readonly Pod[], string | undefined]>([
  ["fits", asking({ cpu: "1" }), [asking({ cpu: "1" })], undefined],
  ["too much cpu", asking({ cpu: "1500m" }), [asking({ cpu: "1" })],
    "OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000"],
  ["too much memory", asking({ memory: "2Gi" }), [],
    "OutOfmemory: Pod was rejected: Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824"],
  ["too many pods", podOf(), [podOf(), podOf()], "OutOfpods: Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2"],
  ["a resource that the kubelet knows nothing of", asking({ "a.b/c": "1" }), [], undefined],
  ["the wrong label", podOf({ nodeSelector: { disk: "hdd" } }), [],
    "NodeAffinity: Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"],
  ["affinity that holds", affine("Gt", "cpus", ["4"]), [], undefined],
  ["affinity that does not", affine("NotIn", "disk", ["ssd"]), [],
    "NodeAffinity: Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"],
  ["a taken port", port(80), [port(80, "192.0.2.1")],
    "NodePorts: Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"],
  ["a port taken at another address", port(80, "192.0.2.2"), [port(80, "192.0.2.1")], undefined],
])("%s", (_name, pod, others, expected) => {
  const found = refusal(pod, node, others);
  expect(found && `${found.reason}: ${found.message}`).toBe(expected);
});
