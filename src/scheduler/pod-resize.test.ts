import { expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import { PodInfo } from "./pod-info.ts";
import { pod } from "./testing/cluster.ts";

const infeasible = [{ type: "PodResizePending", status: "True", reason: "Infeasible" }];

test.each<[string, string, { allocated?: string; actual?: string; conditions?: object[] }, number]>([
  ["a pod that grows counts for what it wants", "3", { allocated: "1", actual: "1" }, 3000],
  ["a pod that shrinks counts for what it still has", "1", { allocated: "1", actual: "3" }, 3000],
  ["a pod that can never grow so much counts for what it was granted", "9", { allocated: "2", actual: "1", conditions: infeasible }, 2000],
  ["a pod that nothing is known of counts for what it wants", "2", {}, 2000],
])("%s", (_what, cpu, { allocated, actual, conditions }, milliCpu) => {
  const { spec, ...rest } = pod({ nodeName: "a" }, { cpu });
  const status = { name: "main", ...(allocated && { allocatedResources: { cpu: allocated } }), ...(actual && { resources: { requests: { cpu: actual } } }) };
  const placed = { ...rest, spec, status: { containerStatuses: [status], conditions } } as unknown as Pod;
  expect(new PodInfo(placed).requests.milliCpu).toBe(milliCpu);
});
