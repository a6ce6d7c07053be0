import { Pod } from "#api/core/pod.ts";
import { formatTime, parseTime } from "#machinery/time.ts";
import type { Controller, Outcome } from "../../controller.ts";
import { isFinished, podCondition } from "../../pods.ts";
import { allow } from "../../rules.ts";

/** A pod that was said to be disrupted and was not deleted within this time is not. */
const staleMilliseconds = 120_000;

/** Takes back what an eviction said of a pod when its deletion then failed (KEP-3329). */
export const staleDisruptionController: Controller<Pod, undefined> = {
  name: "stale-pod-disruption",
  account: "disruption-controller",
  permissions: [allow("get list watch", "", "pods"), allow("patch update", "", "pods/status")],
  kind: Pod,
  observe: () => undefined,
  reconcile,
};

function reconcile(pod: Pod, _world: undefined, now: number): Outcome {
  const condition = podCondition(pod, "DisruptionTarget");
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  if (condition?.status !== "True" || deletionTimestamp !== undefined || isFinished(pod)) return {};
  const left = (parseTime(condition.lastTransitionTime ?? "") ?? 0) + staleMilliseconds - now;
  if (left > 0) return { requeueAfterMilliseconds: left };
  const patch = { metadata: { uid }, status: { conditions: [{ type: "DisruptionTarget", status: "False", lastTransitionTime: formatTime(now) }] } };
  return { writes: [{ do: "patch", kind: Pod, namespace, name, type: "application/strategic-merge-patch+json", patch, subresource: "status" }] };
}
