import type { Pod, PodStatus } from "#api/generated/core-v1.ts";
import { qualityOfService } from "#api/core/pod-quality-of-service.ts";
import { formatTime } from "#machinery/time.ts";
import { ephemeralContainer, isSidecar } from "./containers.ts";
import { containerStatus } from "./container-status.ts";
import { podConditions } from "./pod-conditions.ts";
import { type Phase, podPhase } from "./pod-phase.ts";
import { currentSandbox } from "./runtime/observed.ts";
import type { StatusInput } from "./status-input.ts";

/** The status of a pod on this node. Pure. A pod that succeeded or failed stays so. */
export function podStatus(input: StatusInput): PodStatus {
  const { pod, observed, failure, hostIPs, now } = input;
  const containerStatuses = pod.spec.containers.map((container) => containerStatus(input, container, "main"));
  const initContainerStatuses = pod.spec.initContainers
    ?.map((container) => containerStatus(input, container, isSidecar(container) ? "sidecar" : "init"));
  const ephemeralContainerStatuses = pod.spec.ephemeralContainers
    ?.map((container) => containerStatus(input, ephemeralContainer(container), "ephemeral"));
  const phase = finalPhase(pod) ?? (failure === undefined
    ? podPhase(pod, initContainerStatuses ?? [], containerStatuses, input.ended)
    : input.ended ? "Failed" : "Running");
  const sandbox = currentSandbox(observed);
  const podIPs = addresses(input, sandbox?.ips ?? []);
  return {
    ...pod.status,
    phase,
    ...(failure === undefined ? {} : failure),
    conditions: podConditions({
      pod, phase, hasSandbox: sandbox !== undefined && (pod.spec.hostNetwork === true || sandbox.ips.length > 0),
      initStatuses: initContainerStatuses ?? [], statuses: containerStatuses, timestamp: formatTime(now),
      resize: input.ended ? undefined : input.resize,
    }),
    hostIP: hostIPs[0],
    hostIPs: hostIPs.map((ip) => ({ ip })),
    podIP: podIPs[0],
    podIPs: podIPs.length === 0 ? undefined : podIPs.map((ip) => ({ ip })),
    startTime: pod.status.startTime ?? formatTime(now),
    qosClass: pod.status.qosClass ?? qualityOfService(pod.spec),
    observedGeneration: pod.metadata.generation,
    initContainerStatuses,
    containerStatuses,
    ephemeralContainerStatuses,
  };
}

function finalPhase(pod: Pod): Phase | undefined {
  const { phase } = pod.status;
  return phase === "Succeeded" || phase === "Failed" ? phase : undefined;
}

/** Those of the sandbox; of the host for pods in its network; and the last known ones after the sandbox has gone. */
function addresses({ pod, hostIPs, ended }: StatusInput, sandboxIPs: readonly string[]): readonly string[] {
  if (pod.spec.hostNetwork === true) return hostIPs;
  if (sandboxIPs.length > 0) return sandboxIPs;
  return ended ? (pod.status.podIPs ?? []).map(({ ip }) => ip) : [];
}

/** The status of a pod that the node refuses to run: nothing of it was ever started. */
export function rejectedStatus(pod: Pod, reason: string, message: string, now: number): PodStatus {
  return {
    ...pod.status, phase: "Failed", reason, message,
    startTime: pod.status.startTime ?? formatTime(now),
    qosClass: pod.status.qosClass ?? qualityOfService(pod.spec),
    observedGeneration: pod.metadata.generation,
  };
}
