import { expect, it } from "vitest";
import type { Pod } from "#api/generated/core-v1.ts";
import { resizeRefusal, withGivenResources } from "./resize.ts";
import { containerOf, instanceOf, observedOf, podOf } from "./testing/pods.ts";

const asking = (cpu: string, memory = "1Gi"): Pod => podOf({ containers: [containerOf("main", { resources: { requests: { cpu, memory } } })] });
const node = { cpu: "4", memory: "8Gi" };

it.each([
  ["fits", asking("2"), [asking("2")], undefined],
  ["never fits", asking("5"), [], { reason: "Infeasible", message: "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000" }],
  ["does not fit yet", asking("3"), [asking("2")], { reason: "Deferred", message: "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000" }],
  ["has too much memory", asking("1", "9Gi"), [], { reason: "Infeasible", message: expect.stringContaining("memory, requested: 9663676416") as string }],
])("what %s is told so", (_, pod, others, expected) => {
  expect(resizeRefusal(pod, node, others)).toEqual(expected);
});

it("a pod whose wish is refused counts as what it has", () => {
  const pod = asking("3");
  const resources = { requests: { cpu: "1", memory: "1Gi" } };
  expect(withGivenResources(pod, observedOf(pod, [instanceOf(pod, "main", { resources })])).spec.containers[0]?.resources).toEqual(resources);
});
