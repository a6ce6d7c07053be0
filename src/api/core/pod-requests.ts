import type { Container, Pod } from "../generated/core-v1.ts";
import { addResources, maximumResources, type ResourceList } from "#machinery/resource-list.ts";

/**
 * What a pod asks a node for: its main containers and sidecars together, or what its init containers need at their worst moment,
 * whichever is more, and the overhead (KEP-753, KEP-2837 where the pod has resources of its own).
 * @param unsaid what to take for resources that a container does not name
 */
export function podRequests(pod: Pod, unsaid: ResourceList = {}): ResourceList {
  return podAmounts(pod, (container) => ({ ...unsaid, ...container.resources.requests }), pod.spec.resources?.requests);
}

/** What a pod's containers are limited to together; a resource is in it only when every container limits it. */
export function podLimits(pod: Pod): ResourceList {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
  const sums = podAmounts(pod, (container) => container.resources.limits ?? {}, pod.spec.resources?.limits);
  const whole = pod.spec.resources?.limits ?? {};
  const isLimited = (name: string): boolean => name in whole || all.every(({ resources }) => resources.limits?.[name] !== undefined);
  return Object.fromEntries(Object.entries(sums).filter(([name]) => isLimited(name)));
}

function podAmounts(pod: Pod, amountsOf: (container: Container) => ResourceList, whole: ResourceList | undefined): ResourceList {
  let sidecars: ResourceList = {};
  let initPeak: ResourceList = {};
  for (const container of pod.spec.initContainers ?? []) {
    const amounts = amountsOf(container);
    if (isSidecar(container)) sidecars = addResources(sidecars, amounts);
    else initPeak = maximumResources(initPeak, addResources(sidecars, amounts));
    initPeak = maximumResources(initPeak, sidecars);
  }
  const running = pod.spec.containers.reduce((sum, container) => addResources(sum, amountsOf(container)), sidecars);
  const amounts = { ...maximumResources(running, initPeak), ...whole };
  return pod.spec.overhead === undefined ? amounts : addResources(amounts, pod.spec.overhead);
}

/** A sidecar: it starts in the order of the init containers and is kept running (KEP-753). */
function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === "Always";
}
