import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { tolerates } from "#api/core/toleration.ts";
import type { Taint } from "#api/generated/core-v1.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { parseTime } from "#machinery/time.ts";
import type { Caches, Controller, Outcome, Write } from "../controller.ts";
import { disruptionCondition } from "../disruption.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";

interface World {
  /** Those of its node that pods have to leave unless they tolerate them. */
  readonly taints: readonly Taint[];
}

/** Has pods leave nodes whose taints they do not tolerate, or no longer (Kubernetes "Taints and Tolerations": NoExecute). */
export const taintEvictionController: Controller<Pod, World> = {
  name: "taint-eviction-controller",
  account: "node-controller",
  permissions: [allow("get list watch delete", "", "pods"), allow("patch", "", "pods/status"), allow("get list watch", "", "nodes")],
  kind: Pod,
  watches: [{ kind: Node, keys: podsOfNode }],
  workers: 8,
  observe: ({ spec }, caches) => ({ taints: evictingTaints(caches.of(Node).get("", spec.nodeName ?? "")) }),
  reconcile,
};

export const taintEviction = defineController(taintEvictionController);

function podsOfNode(node: KubeObject, caches: Caches): string[] {
  if (evictingTaints(node as Node).length === 0) return [];
  return caches.of(Pod).byIndex("node", node.metadata.name).map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

function evictingTaints(node: Node | undefined): readonly Taint[] {
  return node?.spec.taints?.filter(({ effect }) => effect === "NoExecute") ?? [];
}

function reconcile(pod: Pod, { taints }: World, now: number): Outcome {
  if (taints.length === 0 || pod.metadata.deletionTimestamp !== undefined) return {};
  const leaves = Math.min(...taints.map((taint) => leavesAt(pod, taint, now)));
  if (leaves > now) return leaves === Infinity ? {} : { requeueAfterMilliseconds: leaves - now };
  const { namespace, name } = pod.metadata;
  return {
    events: [{ type: "Normal", reason: "TaintManagerEviction", message: `Marking for deletion Pod ${namespace}/${name}` }],
    writes: evictions(pod, now),
  };
}

/**
 * When the pod has to go because of a taint: the least time that any of its tolerations grants, from when the taint and the pod are both
 * there. Milliseconds since 1970; never: Infinity.
 */
function leavesAt(pod: Pod, taint: Taint, now: number): number {
  const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => tolerates([toleration], taint));
  if (tolerations.length === 0) return now;
  const limits = tolerations.map(({ tolerationSeconds }) => tolerationSeconds).filter((seconds) => seconds !== undefined);
  if (limits.length === 0) return Infinity;
  const since = [taint.timeAdded, pod.status.startTime, pod.metadata.creationTimestamp].map((time) => parseTime(time ?? "") ?? 0);
  return Math.max(...since) + Math.max(0, Math.min(...limits)) * 1000;
}

function evictions(pod: Pod, now: number): Write[] {
  const { namespace, name, uid } = pod.metadata;
  const condition = disruptionCondition("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", now);
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  return [
    { do: "patch", kind: Pod, namespace, name, type: "application/strategic-merge-patch+json", patch, subresource: "status" },
    { do: "delete", kind: Pod, namespace, name, options: { preconditions: { uid } } },
  ];
}
