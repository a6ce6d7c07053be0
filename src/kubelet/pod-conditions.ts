import type { ContainerStatus, Pod, PodCondition } from "#api/generated/core-v1.ts";
import { isSidecar } from "./containers.ts";
import type { ResizeState } from "./resize.ts";

/** The conditions that the kubelet says; all others belong to whoever set them. */
export const kubeletConditionTypes = [
  "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled", "PodResizePending", "PodResizeInProgress",
];

export interface ConditionInput {
  readonly pod: Pod;
  readonly phase: string;
  /** The pod has a sandbox with a network. */
  readonly hasSandbox: boolean;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** How a resize stands; absent where there is none. */
  readonly resize?: ResizeState | undefined;
  /** Of this change, where a condition's status changes. */
  readonly timestamp: string;
}

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;

const yes: Verdict = { status: "True" };

/** The pod's conditions: those of the kubelet anew, and the others as they were. */
export function podConditions(input: ConditionInput): readonly PodCondition[] {
  const { pod } = input;
  const containersReady = containersReadyVerdict(input);
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ["PodReadyToStartContainers", { status: input.hasSandbox ? "True" : "False" }],
    ["Initialized", initializedVerdict(input)],
    ["Ready", readyVerdict(pod, containersReady)],
    ["ContainersReady", containersReady],
    ["PodScheduled", yes],
    ...resizeVerdicts(input.resize),
  ];
  const others = (pod.status.conditions ?? []).filter((condition) => !kubeletConditionTypes.includes(condition.type));
  return [...verdicts.map(([type, verdict]) => condition(input, type, verdict)), ...others];
}

function resizeVerdicts(resize: ResizeState | undefined): readonly (readonly [string, Verdict])[] {
  if (resize === undefined) return [];
  if (resize.refusal !== undefined) return [["PodResizePending", { status: "True", ...resize.refusal }]];
  return [["PodResizeInProgress", { status: "True", ...(resize.error === undefined ? {} : { reason: "Error", message: resize.error }) }]];
}

function condition({ pod, timestamp }: ConditionInput, type: string, verdict: Verdict): PodCondition {
  const before = pod.status.conditions?.find((other) => other.type === type);
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime ?? timestamp : timestamp;
  return { type, ...verdict, lastTransitionTime, observedGeneration: pod.metadata.generation };
}

function initializedVerdict({ pod, phase, initStatuses, statuses }: ConditionInput): Verdict {
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  const begun = statuses.some((status) => status.state.running !== undefined || status.state.terminated !== undefined || status.restartCount > 0);
  const incomplete = (pod.spec.initContainers ?? [])
    .filter((container) => {
      const status = initStatuses.find((other) => other.name === container.name);
      return !(isSidecar(container) ? begun || status?.started === true : status?.ready === true);
    })
    .map((container) => container.name);
  if (incomplete.length === 0) return yes;
  return { status: "False", reason: "ContainersNotInitialized", message: `containers with incomplete status: [${incomplete.join(" ")}]` };
}

function containersReadyVerdict({ pod, phase, initStatuses, statuses }: ConditionInput): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name);
  const counted = [...initStatuses.filter((status) => sidecars.includes(status.name)), ...statuses];
  const unready = counted.filter((status) => !status.ready).map((status) => status.name);
  if (unready.length === 0) return yes;
  return { status: "False", reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` };
}

function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== "True") return containersReady;
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = pod.status.conditions?.find((other) => other.type === conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (gate.status === "True") return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  return messages.length === 0 ? yes : { status: "False", reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}
