import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import type { PodDisruptionBudget } from "#api/generated/policy-v1.ts";
import { PodInfo } from "../pod-info.ts";
import { defaultProfile } from "../profile.ts";
import { lister, node, pod, TestCluster } from "../testing/cluster.ts";

const high = (cpu = "3", spec: Partial<Pod["spec"]> = {}): Pod => pod({ priority: 100, ...spec }, { cpu });
const held = (name: string, cpu: string, priority = 0, metadata: Partial<Pod["metadata"]> = {}): Pod => pod({ priority }, { cpu }, { name, ...metadata });
const started = (one: Pod, startTime: string): Pod => ({ ...one, status: { ...one.status, startTime } });

function cluster(...budgets: PodDisruptionBudget[]): TestCluster {
  const made = new TestCluster({ podDisruptionBudgets: lister(...budgets) });
  made.profile = defaultProfile;
  return made;
}

function budget(allowed: number, labels: { [key: string]: string } = { app: "web" }): PodDisruptionBudget {
  const metadata = { name: "web", namespace: "default" };
  return { metadata, spec: { selector: { matchLabels: labels } }, status: { disruptionsAllowed: allowed } } as unknown as PodDisruptionBudget;
}

/** `node: victims`, or what the message says of preemption. */
function rescue(made: TestCluster, wanted: Pod): string {
  const decision = made.decide(wanted);
  if (decision.outcome === "fits") return "fits";
  const { rescue: found, message } = decision;
  if (found?.node === undefined) return message;
  return `${found.node}: ${found.victims.map(({ name }) => name).join(" ")}`;
}

const refused = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: ";

describe("who leaves", () => {
  test("as few as make room, the least important first", () => {
    const made = cluster().with(node("a"), held("one", "1", 1), held("two", "1", 2), held("three", "2", 3));
    expect(rescue(made, high("2"))).toBe("a: two one");
  });

  test("of equals, those that came last", () => {
    const pods = [started(held("old", "2"), "2026-01-01T00:00:00Z"), started(held("young", "2"), "2026-01-02T00:00:00Z")];
    expect(rescue(cluster().with(node("a"), ...pods), high("2"))).toBe("a: young");
  });

  test("nobody who is as important", () => {
    expect(rescue(cluster().with(node("a"), held("peer", "4", 100)), high())).toBe(
      `${refused}0/1 nodes are available: 1 No preemption victims found for incoming pod.`,
    );
  });

  test("nobody where it would not help", () => {
    const wanted = high("3", { nodeSelector: { disk: "ssd" } });
    expect(rescue(cluster().with(node("a"), held("low", "4")), wanted)).toBe(
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, " +
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    );
    expect(rescue(cluster().with(node("a"), held("low", "1"), held("peer", "2", 100)), high("3"))).toBe(
      `${refused}0/1 nodes are available: 1 Insufficient cpu.`,
    );
  });

  test("nobody for a pod that never preempts, and none more while some are leaving", () => {
    expect(rescue(cluster().with(node("a"), held("low", "4")), high("3", { preemptionPolicy: "Never" }))).toBe(
      `${refused}not eligible due to preemptionPolicy=Never.`,
    );
    const leaving = held("low", "4", 0, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    const conditions = [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }];
    const made = cluster().with(node("a"), { ...leaving, status: { ...leaving.status, conditions } });
    const wanted = high();
    made.nominator.nominate(new PodInfo(wanted), "a");
    expect(rescue(made, wanted)).toBe(`${refused}not eligible due to a terminating pod on the nominated node.`);
  });
});

describe("where", () => {
  test.each<[string, Pod[], Pod[]]>([
    ["the most important victim is less important", [held("x", "4", 2)], [held("y", "2", 1), held("z", "2", 1)]],
    ["fewer leave", [held("x", "2", 1), held("x2", "2", 1)], [held("y", "4", 1)]],
    ["the most important victim came last", [started(held("x", "4"), "2026-01-01T00:00:00Z")], [started(held("y", "4"), "2026-01-02T00:00:00Z")]],
  ])("%s", (_what, one, other) => {
    expect(rescue(cluster().with(node("a"), ...one).with(node("b"), ...other), high())).toContain("b: y");
  });

  test("no budget is broken, though others matter more", () => {
    const made = cluster(budget(0)).with(node("a"), held("kept", "4", 1, { labels: { app: "web" } })).with(node("b"), held("free", "4", 50));
    expect(rescue(made, high())).toBe("b: free");
  });

  test("a budget is broken where there is no other way, by as little as can be", () => {
    const labels = { app: "web" };
    const made = cluster(budget(1)).with(node("a"), held("w1", "2", 1, { labels }), held("w2", "2", 1, { labels }));
    expect(rescue(made, high("2"))).toBe("a: w1");
    expect(rescue(made, high("4"))).toBe("a: w1 w2");
  });
});

describe("room that is being made", () => {
  test("is left to the pod it is made for, unless a more important one comes", () => {
    const made = cluster().with(node("a"));
    made.nominator.nominate(new PodInfo(high()), "a");
    expect(rescue(made, pod({}, { cpu: "2" }))).toContain("1 Insufficient cpu");
    expect(rescue(made, pod({ priority: 200 }, { cpu: "2" }))).toBe("fits");
  });

  test("is where its pod goes first", () => {
    const made = cluster().with(node("a"), held("low", "1")).with(node("b"));
    const wanted = high();
    made.nominator.nominate(new PodInfo(wanted), "a");
    expect(made.place(wanted)).toBe("a");
  });
});

test("to ask changes nothing", () => {
  const pods = fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 4 }), priority: fc.integer({ min: 0, max: 120 }), web: fc.boolean() }), { maxLength: 6 });
  fc.assert(
    fc.property(pods, fc.integer({ min: 1, max: 5 }), (placed, cpu) => {
      const labels = (web: boolean): { [key: string]: string } => (web ? { app: "web" } : {});
      const made = cluster(budget(1)).with(node("a"), ...placed.map((one, index) => held(`p${index}`, String(one.cpu), one.priority, { labels: labels(one.web) })));
      const state = (): object => {
        const info = made.state.node("a");
        return { pods: [...(info?.pods.keys() ?? [])].sort(), cpu: info?.requested.milliCpu, memory: info?.assumed.memory };
      };
      const before = state();
      made.decide(high(String(cpu)));
      expect(state()).toEqual(before);
    }),
  );
});
