import { expect, test } from "vitest";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { podRequests } from "#api/core/pod-requests.ts";
import { PriorityClass } from "#api/scheduling/priority-class.ts";
import { milliValue } from "#machinery/quantity.ts";
import { seededRandom } from "#machinery/random.ts";
import { clusterForTest } from "./simulated-cluster.ts";

const milliCpu = (pod: Pod): number => milliValue(podRequests(pod)["cpu"] ?? "0");
const priorities = ["low", "middle", "high"];

test.each([1, 2, 3])("pods of all priorities come and go: no node is given away twice, and none waits for one less important (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  const { of, pass, complaints } = await clusterForTest({ seed, nodes: ["a", "b", "c"] });
  for (const [index, name] of priorities.entries()) await of(PriorityClass).create({ metadata: { name }, value: index * 100 });
  for (let round = 0; round < 12; round++) {
    for (let count = 0; count < 4; count++) {
      const resources = { requests: { cpu: String(1 + random.integer(6)) } };
      await of(Pod).create({
        metadata: { name: `pod-${round}-${count}`, namespace: "default" },
        spec: { priorityClassName: priorities[random.integer(3)], terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "main", resources }] },
      } as never);
    }
    const { items } = await of(Pod).list("default");
    const leaving = items[random.integer(items.length)];
    if (leaving && random.integer(2) === 0) await of(Pod).delete("default", leaving.metadata.name);
    await pass(1 + random.integer(5));
  }
  await pass(60);
  const [nodes, pods] = [(await of(Node).list("")).items, (await of(Pod).list("default")).items];
  const waiting = pods.filter(({ spec }) => !spec.nodeName);
  expect(pods.length - waiting.length).toBeGreaterThan(5);
  for (const { metadata: { name }, status } of nodes) {
    const here = pods.filter(({ spec }) => spec.nodeName === name);
    const allocatable = milliValue(status.allocatable?.["cpu"] ?? "0");
    expect(here.reduce((sum, pod) => sum + milliCpu(pod), 0)).toBeLessThanOrEqual(allocatable);
    for (const pod of waiting) {
      const others = here.filter(({ spec }) => (spec.priority ?? 0) >= (pod.spec.priority ?? 0));
      expect(others.reduce((sum, other) => sum + milliCpu(other), milliCpu(pod)), `${pod.metadata.name} on ${name}`).toBeGreaterThan(allocatable);
    }
  }
  expect(complaints).toEqual([]);
});
