import { expect, test } from "vitest";
import { readSummary } from "./summary.ts";

const container = (name: string, nanoCores?: number) => ({ name, cpu: { usageNanoCores: nanoCores }, memory: { workingSetBytes: 1024 } });

test("a kubelet's summary tells what its pods use, as far as all of it is known", () => {
  const summary = {
    node: { nodeName: "n1", cpu: { usageNanoCores: 5 }, memory: { workingSetBytes: 7 } },
    pods: [
      { podRef: { namespace: "default", name: "web" }, containers: [container("a", 1), container("b", 2)] },
      { podRef: { namespace: "default", name: "young" }, containers: [container("a", 1), container("b")] },
      { podRef: { namespace: "default", name: "empty" }, containers: [] },
    ],
  };
  expect(readSummary(summary)).toEqual({
    node: { nanoCores: 5, memoryBytes: 7 },
    pods: [{ namespace: "default", name: "web", containers: [{ name: "a", nanoCores: 1, memoryBytes: 1024 }, { name: "b", nanoCores: 2, memoryBytes: 1024 }] }],
  });
});

test.each([undefined, [], "x", { pods: 1 }, { pods: [null, { podRef: 1 }, { podRef: { namespace: 1 }, containers: {} }], node: { cpu: { usageNanoCores: -1 } } }])(
  "what is no summary tells nothing: %j", (summary) => expect(readSummary(summary)).toEqual({ pods: [] }),
);
