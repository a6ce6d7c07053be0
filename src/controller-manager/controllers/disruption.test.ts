import { describe, expect, test } from "vitest";
import { kinds } from "#api/kinds.ts";
import type { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Caches } from "../controller.ts";
import { fixedKinds } from "../served-kinds.ts";
import { aDeployment, aPod, aReplicaSet, at, epoch, metadataOf, ownedBy } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { type Expected, reconcileBudget } from "./disruption/budget.ts";
import { expectedPods } from "./disruption/expected-pods.ts";
import { staleDisruptionController } from "./disruption/stale-condition.ts";

const now = epoch + 1_000_000;
type Budget = PodDisruptionBudget;

function aBudget(spec: Budget["spec"], status: Partial<Budget["status"]> = {}): Budget {
  return {
    apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: metadataOf("calm", { generation: 2 }), spec: { selector: {}, ...spec },
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...status },
  };
}

const ready = (count: number) => Array.from({ length: count }, (_, index) => aPod(`p${index}`, { readySince: 0 }));
const managed = (count: number): Expected => ({ count, unmanaged: [] });

describe("a budget of so many pods", () => {
  test.each<[string, Budget["spec"], number, Expected, object]>([
    ["that must stay", { minAvailable: 2 }, 3, managed(0), { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 }],
    ["of all, rounded up", { minAvailable: "50%" }, 3, managed(3), { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    ["that may be away", { maxUnavailable: 1 }, 3, managed(4), { disruptionsAllowed: 0, desiredHealthy: 3, expectedPods: 4 }],
    ["of all that may be away, rounded up", { maxUnavailable: "30%" }, 4, managed(4), { disruptionsAllowed: 2, desiredHealthy: 2 }],
    ["of none lets none go", { minAvailable: 0 }, 0, managed(0), { disruptionsAllowed: 0, expectedPods: 0 }],
  ])("%s", (_, spec, pods, expected, status) => {
    const outcome = reconcileBudget(aBudget(spec), { pods: ready(pods), expected }, now);
    expect(statusOf(outcome)).toMatchObject({ ...status, observedGeneration: 2 });
  });
});

test("a budget says whether pods may go, and since when", () => {
  const outcome = reconcileBudget(aBudget({ minAvailable: 1 }), { pods: ready(2), expected: managed(0) }, now);
  expect(statusOf(outcome)).toMatchObject({ conditions: [{ type: "DisruptionAllowed", status: "True", reason: "SufficientPods", lastTransitionTime: at(1000), observedGeneration: 2 }] });
});

test("pods that are about to go do not count, until it is clear that they stay", () => {
  const budget = aBudget({ minAvailable: 1 }, { disruptedPods: { p0: at(990), p1: at(800), gone: at(990) } });
  const outcome = reconcileBudget(budget, { pods: ready(3), expected: managed(0) }, now);
  expect(statusOf(outcome)).toMatchObject({ disruptedPods: { p0: at(990) }, currentHealthy: 2, disruptionsAllowed: 1 });
  expect(outcome.requeueAfterMilliseconds).toBe(110_000);
  expect(deedsOf(outcome)).toEqual(["Warning NotDeleted Pod was expected by PDB default/calm to be deleted but it wasn't"]);
});

test("where it cannot be told how many there should be, none may go", () => {
  const outcome = reconcileBudget(aBudget({ maxUnavailable: 1 }), { pods: ready(2), expected: { count: 0, unmanaged: [], problem: "nobody" } }, now);
  expect(statusOf(outcome)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ status: "False", reason: "SyncFailed", message: "nobody" }] });
  expect(deedsOf(outcome)).toEqual(["Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: nobody"]);
});

test("pods that nobody looks after are told of", () => {
  const [event] = reconcileBudget(aBudget({ maxUnavailable: 1 }), { pods: ready(1), expected: { count: 0, unmanaged: ["p0"] } }, now).events!;
  expect(event).toMatchObject({ type: "Warning", reason: "UnmanagedPods" });
});

test("as many pods are expected as the topmost controllers want", () => {
  const deployment = aDeployment("web", 5);
  const set = aReplicaSet("web-1", 3, { metadata: { ownerReferences: ownedBy(deployment) } });
  const alone = aReplicaSet("alone", 2);
  const objects: readonly KubeObject[] = [deployment, set, alone];
  const caches = {
    of: (kind: { readonly kind: string }) => ({ get: (_: string, name: string) => objects.find((object) => object.kind === kind.kind && object.metadata.name === name) }),
  } as unknown as Caches;
  const pods = [aPod("a", { owner: set }), aPod("b", { owner: set }), aPod("c", { owner: alone }), aPod("d")];
  expect(expectedPods(pods, fixedKinds(kinds), caches)).toEqual({ count: 7, unmanaged: ["d"] });
  expect(expectedPods([aPod("e", { owner: aReplicaSet("gone", 1) })], fixedKinds(kinds), caches)).toMatchObject({ problem: 'found no controllers for pod "e"' });
});

test("a pod that was to be disrupted and stayed is so no longer", () => {
  const pod = (seconds: number) => aPod("a", { status: { conditions: [{ type: "DisruptionTarget", status: "True", lastTransitionTime: at(seconds) }] } });
  expect(staleDisruptionController.reconcile(pod(990), undefined, now)).toEqual({ requeueAfterMilliseconds: 110_000 });
  expect(deedsOf(staleDisruptionController.reconcile(pod(880), undefined, now))).toEqual(["patch Pod a"]);
});
