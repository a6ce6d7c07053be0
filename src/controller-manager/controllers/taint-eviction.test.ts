import { expect, test } from "vitest";
import type { Taint, Toleration } from "#api/generated/core-v1.ts";
import { aPod, at, epoch } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { taintEvictionController } from "./taint-eviction.ts";

const taint: Taint = { key: "k", effect: "NoExecute", timeAdded: at(100) };
const now = epoch + 150_000;
const goes = ["patch Pod a", "delete Pod a", "Normal TaintManagerEviction Marking for deletion Pod default/a"];

const cases: readonly (readonly [string, readonly Toleration[], readonly string[], number | undefined])[] = [
  ["not tolerated: it goes", [], goes, undefined],
  ["tolerated for ever: it stays", [{ key: "k", operator: "Exists" }], [], undefined],
  ["tolerated for longer than now: it is looked at again", [{ key: "k", operator: "Exists", tolerationSeconds: 60 }], [], 10_000],
  ["tolerated until now: it goes", [{ key: "k", operator: "Exists", tolerationSeconds: 50 }], goes, undefined],
  ["tolerated twice: the shorter time counts", [{ key: "k", operator: "Exists", tolerationSeconds: 900 }, { operator: "Exists", tolerationSeconds: 55 }], [], 5_000],
  ["tolerated for scheduling only: it goes", [{ key: "k", operator: "Exists", effect: "NoSchedule" }], goes, undefined],
];

test.each(cases)("%s", (_, tolerations, deeds, requeue) => {
  const outcome = taintEvictionController.reconcile(aPod("a", { node: "n", spec: { tolerations } }), { taints: [taint] }, now);
  expect(deedsOf(outcome)).toEqual(deeds);
  expect(outcome.requeueAfterMilliseconds).toBe(requeue);
});

test("a pod that came after the taint tolerates it from its own start", () => {
  const pod = aPod("a", { metadata: { creationTimestamp: at(140) }, spec: { tolerations: [{ key: "k", operator: "Exists", tolerationSeconds: 50 }] } });
  expect(taintEvictionController.reconcile(pod, { taints: [taint] }, now)).toEqual({ requeueAfterMilliseconds: 40_000 });
});
