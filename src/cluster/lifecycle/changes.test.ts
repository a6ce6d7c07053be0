import { expect, test } from "vitest";
import { restarts, surplusNodes } from "./changes.ts";

const known = { name: "a", index: 0, dataDirectory: "/d", port: 6443, nodes: 1, simulatedNodes: 0 };

test.each([
  ["nothing", {}, false, false],
  ["more nodes", { nodes: 3 }, false, false],
  ["no nodes any more", { nodes: 0 }, true, false],
  ["simulated nodes", { simulatedNodes: 5 }, true, false],
  ["other versions of kinds", { runtimeConfig: "api/beta" }, true, false],
  ["another port", { port: 7443 }, true, true],
])("a change to %s starts anew what it concerns", (_, change, controlPlane, nodes) => {
  expect(restarts(known, { ...known, ...change })).toEqual({ controlPlane, nodes });
});

test("a new cluster has nothing to start anew", () => {
  expect(restarts(undefined, known)).toEqual({ controlPlane: false, nodes: false });
});

test("surplus are nodes of ours beyond the number, and no others", () => {
  const names = ["node-1", "node-2", "node-10", "sim-1", "sim-2", "node-x", "mine", "node-2a"];
  expect(surplusNodes(names, { nodes: 1, simulatedNodes: 1 })).toEqual(["node-2", "node-10", "sim-2"]);
  expect(surplusNodes(names, { nodes: 10, simulatedNodes: 2 })).toEqual([]);
});
