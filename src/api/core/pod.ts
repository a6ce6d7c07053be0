import type { Column } from "#machinery/kind.ts";
import type { Pod as PodObject } from "../generated/core-v1.ts";
import { none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { mergeMatchLabelKeys } from "./match-label-keys.ts";
import { defaultPod } from "./pod-defaults.ts";
import { qualityOfService } from "./pod-quality-of-service.ts";
import { validateNewPod, validatePod, validatePodStatusUpdate, validatePodUpdate } from "./validation/pod.ts";
import { podWarnings } from "./pod-warnings.ts";
import { restartsText, summarize } from "./pod-status-text.ts";

export type Pod = PodObject;

const columns: readonly Column<Pod>[] = [
  {
    name: "Ready", type: "string", description: "How many containers are ready, of how many.",
    value: (pod) => {
      const { ready, total } = summarize(pod);
      return `${ready}/${total}`;
    },
  },
  { name: "Status", type: "string", description: "What the pod is doing, or what it waits for.", value: (pod) => summarize(pod).status },
  {
    name: "Restarts", type: "string", description: "How often containers were started again, and when last.",
    value: (pod, now) => restartsText(summarize(pod), now),
  },
  {
    name: "IP", type: "string", priority: 1, description: "The pod's address.",
    value: ({ status }) => status.podIPs?.[0]?.ip ?? status.podIP ?? none,
  },
  { name: "Node", type: "string", priority: 1, description: "The node that the pod runs on.", value: ({ spec }) => spec.nodeName ?? none },
  {
    name: "Nominated Node", type: "string", priority: 1, description: "The node that is being cleared for the pod.",
    value: ({ status }) => status.nominatedNodeName ?? none,
  },
  {
    name: "Readiness Gates", type: "string", priority: 1, description: "How many of the pod's readiness gates are open.",
    value: ({ spec: { readinessGates = [] }, status: { conditions = [] } }) => {
      const isOpen = (gate: string): boolean => conditions.some(({ type, status }) => type === gate && status === "True");
      return readinessGates.length === 0 ? none : `${readinessGates.filter((gate) => isOpen(gate.conditionType)).length}/${readinessGates.length}`;
    },
  },
];

export const Pod = defineKind<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  message: "core/v1.Pod",
  shortNames: ["po"],
  categories: ["all"],
  subresources: {
    status: true,
    others: ["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize"],
  },
  columns,
  selectableFields: [
    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
    "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
  ],
  defaults: defaultPod,
  prepareForCreate(draft) {
    mergeMatchLabelKeys(draft);
    draft.status = {
      phase: "Pending",
      qosClass: qualityOfService(draft.spec as Pod["spec"]),
      ...((draft.spec.schedulingGates ?? []).length === 0 ? {} : { conditions: [gated] }),
    };
  },
  warnings: podWarnings,
  validate: validatePod,
  validateCreate: validateNewPod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  gracePeriodSeconds({ spec, status }, requested) {
    const isOver = status.phase === "Succeeded" || status.phase === "Failed";
    if ((spec.nodeName ?? "") === "" || isOver) return 0;
    const seconds = requested ?? spec.terminationGracePeriodSeconds;
    // A negative one means: as short as can be.
    return seconds < 0 ? 1 : seconds;
  },
});

const gated = {
  type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "Scheduling is blocked due to non-empty scheduling gates",
};
