import { describe, expect, test } from "vitest";
import type { Node } from "#api/core/node.ts";
import { aNode, at, epoch } from "../testing/objects.ts";
import { lackingLabels } from "./node-lifecycle/labels.ts";
import { silentConditions } from "./node-lifecycle/silence.ts";
import { evictingTaint, wantedTaints } from "./node-lifecycle/taints.ts";
import { paces, Turnstile } from "./node-lifecycle/zones.ts";

const now = epoch + 100_000;

describe("taints follow conditions:", () => {
  const cases: readonly (readonly [string, Record<string, string>, readonly string[], string | undefined])[] = [
    ["all well", { Ready: "True" }, [], undefined],
    ["not ready", { Ready: "False" }, ["not-ready"], "not-ready"],
    ["not heard of", { Ready: "Unknown", MemoryPressure: "Unknown" }, ["unreachable"], "unreachable"],
    ["short of memory and disk", { Ready: "True", MemoryPressure: "True", DiskPressure: "True" }, ["memory-pressure", "disk-pressure"], undefined],
    ["without network", { Ready: "True", NetworkUnavailable: "True" }, ["network-unavailable"], undefined],
  ];
  test.each(cases)("%s", (_, conditions, keeps, evicts) => {
    const node = aNode("a", { conditions });
    const wanted = keeps.map((key) => ({ key: `node.kubernetes.io/${key}`, effect: "NoSchedule", timeAdded: at(100) }));
    expect(wantedTaints(node, undefined, now) ?? []).toEqual(wanted);
    expect(evictingTaint(node)).toEqual(evicts && `node.kubernetes.io/${evicts}`);
  });

  test("those of others stay, and those that are right keep their time", () => {
    const theirs = { key: "team", effect: "NoExecute" } as const;
    const old = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule", timeAdded: at(1) } as const;
    const stale = { key: "node.kubernetes.io/unreachable", effect: "NoExecute", timeAdded: at(1) } as const;
    const node = aNode("a", { conditions: { Ready: "False" }, spec: { taints: [theirs, old, stale] } });
    expect(wantedTaints(node, undefined, now)).toEqual([theirs, old]);
    expect(wantedTaints({ ...node, spec: { taints: [theirs, old] } }, undefined, now)).toBeUndefined();
  });
});

test("what a silent kubelet said is unknown, and what it never said too", () => {
  const silent = silentConditions(aNode("a", { conditions: { Ready: "True", Custom: "True" } }), now)!;
  expect(silent.map(({ type, status, reason }) => [type, status, reason])).toEqual([
    ["Custom", "True", undefined], ["Ready", "Unknown", "NodeStatusUnknown"], ["MemoryPressure", "Unknown", "NodeStatusNeverUpdated"],
    ["DiskPressure", "Unknown", "NodeStatusNeverUpdated"], ["PIDPressure", "Unknown", "NodeStatusNeverUpdated"],
  ]);
  const node = aNode("a");
  expect(silentConditions({ ...node, status: { ...node.status, conditions: silent } }, now)).toBeUndefined();
});

test("labels are kept under their older names as well", () => {
  const labels = { "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "amd64" };
  const older = { "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "arm64" };
  expect(lackingLabels(aNode("a", { metadata: { labels } }))).toEqual(older);
  expect(lackingLabels(aNode("a", { metadata: { labels: { ...labels, ...older } } }))).toBeUndefined();
  expect(lackingLabels(aNode("a"))).toBeUndefined();
});

describe("the pace at which a zone's nodes are left:", () => {
  const zone = (name: string, ready: number, notReady: number): Node[] =>
    Array.from({ length: ready + notReady }, (_, index) =>
      aNode(`${name}-${index}`, { metadata: { labels: { "topology.kubernetes.io/zone": name } }, conditions: { Ready: index < ready ? "True" : "Unknown" } }));
  const excluded = (node: Node): Node =>
    ({ ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, "node.kubernetes.io/exclude-disruption": "" } } });
  const cases: readonly (readonly [string, Node[], number | string])[] = [
    ["a few fail", zone("a", 8, 2), 10_000],
    ["most of a small zone fails", zone("a", 2, 8), "held"],
    ["most of a large zone fails", zone("a", 20, 40), 100_000],
    ["all of a zone fails, others are well", [...zone("a", 0, 4), ...zone("b", 1, 0)], 10_000],
    ["everything fails", [...zone("a", 0, 4), ...zone("b", 0, 2)], "recalled"],
    ["nodes that come and go as they like fail", [...zone("a", 4, 1), ...zone("a", 0, 8).map(excluded)], 10_000],
  ];
  test.each(cases)("%s", (_, nodes, pace) => expect(paces(nodes).get("/a")).toBe(pace));

  test("one node passes at a time", () => {
    const turnstile = new Turnstile();
    expect([turnstile.pass("a", 10, 0), turnstile.pass("a", 10, 4), turnstile.pass("b", 10, 4), turnstile.pass("a", 10, 10)]).toEqual([0, 6, 0, 0]);
  });
});
