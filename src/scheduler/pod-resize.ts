import type { Pod } from "#api/core/pod.ts";
import { equal } from "#machinery/equality.ts";
import { maximumResources, type ResourceList } from "#machinery/resource-list.ts";

type Container = Pod["spec"]["containers"][number];

/**
 * The pod as it counts on its node. While it is being resized that is the most of what it wants, what it was granted and what it has; what it
 * wants does not count where that can never be (KEP-1287).
 */
export function asCounted(pod: Pod): Pod {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  const all = [...containerStatuses, ...initContainerStatuses];
  if (!pod.spec.nodeName || !all.some(({ allocatedResources, resources }) => allocatedResources ?? resources)) return pod;
  const infeasible = isInfeasible(pod);
  const counted = (containers: readonly Container[], statuses: typeof containerStatuses): Container[] =>
    containers.map((container) => {
      const status = statuses.find(({ name }) => name === container.name);
      const granted = maximumResources(status?.allocatedResources ?? {}, status?.resources?.requests ?? {});
      if (Object.keys(granted).length === 0) return container;
      const wanted: ResourceList = infeasible ? {} : (container.resources.requests ?? {});
      return { ...container, resources: { ...container.resources, requests: maximumResources(wanted, granted) } };
    });
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec, containers: counted(containers, containerStatuses),
      ...(initContainers ? { initContainers: counted(initContainers, initContainerStatuses) } : {}),
    },
  };
}

/** Whether both were granted the same, as far as the scheduler sees. */
export function sameGrants(one: Pod, other: Pod): boolean {
  return equal(grantsOf(one), grantsOf(other));
}

function grantsOf(pod: Pod): unknown {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  const statuses = [...containerStatuses, ...initContainerStatuses];
  return [isInfeasible(pod), statuses.map(({ allocatedResources, resources }) => [allocatedResources, resources?.requests])];
}

function isInfeasible({ status }: Pod): boolean {
  return status.conditions?.some(({ type, reason }) => type === "PodResizePending" && reason === "Infeasible") === true;
}
