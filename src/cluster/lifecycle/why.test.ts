import { expect, test } from "vitest";
import { explained } from "./why.ts";

const about = { pod: { namespace: "default", name: "web", uid: "u" }, time: "2026-01-01T00:00:00Z", nodes: 3, lookedAt: 3 };

test("a pod that was placed: what each node got from each plugin, the best first", () => {
  const points = [
    { node: "b", total: 300, plugins: { NodeResourcesFit: 100, TaintToleration: 200 } },
    { node: "a", total: 90, plugins: { NodeResourcesFit: 90, TaintToleration: 0 } },
  ];
  const refusals = [{ node: "c", plugin: "NodeUnschedulable", reasons: ["node(s) were unschedulable"] }];
  expect(explained({ ...about, node: "b", refusals, points }).join("\n")).toBe(
    [
      "pod default/web, at 2026-01-01T00:00:00Z: was given node b",
      "3 of 3 nodes looked at, 1 refused, 2 fitted",
      "  refused by NodeUnschedulable: node(s) were unschedulable",
      "    c",
      "  NODE  POINTS  NodeResourcesFit  TaintToleration",
      "  b     300     100               200",
      "  a     90      90                0",
    ].join("\n"),
  );
});

test("a pod that fits nowhere: which plugin refused which nodes, and where room is being made", () => {
  const refusals = ["a", "b", "c"].map((node) => ({ node, plugin: "NodeResourcesFit", reasons: ["Insufficient cpu"] }));
  const lines = explained({ ...about, message: "0/3 nodes are available: 3 Insufficient cpu.", nominatedNode: "a", refusals, points: [] });
  expect(lines).toEqual([
    "pod default/web, at 2026-01-01T00:00:00Z: fits nowhere: 0/3 nodes are available: 3 Insufficient cpu.",
    "less important pods are leaving a to make room",
    "3 of 3 nodes looked at, 3 refused, 0 fitted",
    "  refused by NodeResourcesFit: Insufficient cpu\n    a b c",
  ]);
});
