import type { Pod } from "#api/generated/core-v1.ts";
import { formatTime } from "#machinery/time.ts";
import { machineKey, type UsageReport } from "./usage-history.ts";
import type { ContainerUsage, DiskUsage, MemoryUsage } from "./usage.ts";

/** What `/stats/summary` answers (stats/v1alpha1 Summary), as far as it is known. Pure. */
export function summary(nodeName: string, pods: readonly Pod[], { usage, nanoCores }: UsageReport): object {
  const time = formatTime(usage.at);
  const cpu = (key: string, cpuNanoseconds: number | undefined): object =>
    ({ time, usageNanoCores: nanoCores.get(key), usageCoreNanoSeconds: cpuNanoseconds });
  const container = (each: ContainerUsage, pod: Pod): object => ({
    name: each.name, startTime: startOf(pod, each.id), cpu: cpu(each.id, each.cpuNanoseconds), memory: memory(time, each.memory),
    ...(each.layer === undefined ? {} : { rootfs: { time, usedBytes: each.layer.usedBytes, inodesUsed: each.layer.usedInodes } }),
  });
  const { machine } = usage;
  return {
    node: {
      nodeName,
      ...(machine === undefined ? {} : {
        startTime: formatTime(machine.startedAt), cpu: cpu(machineKey, machine.cpuNanoseconds), memory: memory(time, machine.memory),
        fs: disk(time, machine.disk),
      }),
    },
    pods: pods.flatMap((pod) => {
      const { name, namespace, uid } = pod.metadata;
      const own = usage.containers.filter((each) => each.pod.uid === uid);
      if (own.length === 0) return [];
      return [{
        podRef: { name, namespace, uid }, startTime: pod.status.startTime, containers: own.map((each) => container(each, pod)),
        cpu: { time, usageNanoCores: sum(own, ({ id }) => nanoCores.get(id)), usageCoreNanoSeconds: sum(own, (each) => each.cpuNanoseconds) },
        memory: memory(time, {
          used: sum(own, (each) => each.memory.used), workingSet: sum(own, (each) => each.memory.workingSet),
          resident: sum(own, (each) => each.memory.resident),
        }),
        "ephemeral-storage": { time, usedBytes: sum(own, (each) => each.layer?.usedBytes), inodesUsed: sum(own, (each) => each.layer?.usedInodes) },
      }];
    }),
  };
}

/** Undefined where nothing is known of any. */
export function sum<T>(all: readonly T[], amount: (each: T) => number | undefined): number | undefined {
  return all.map(amount).reduce((total, each) => (each === undefined ? total : (total ?? 0) + each), undefined);
}

/** When the container with that id started, as the pod's status tells. */
export function startOf({ status }: Pod, id: string): string | undefined {
  const statuses = [...status.containerStatuses ?? [], ...status.initContainerStatuses ?? [], ...status.ephemeralContainerStatuses ?? []];
  return statuses.find(({ containerID }) => containerID?.endsWith(`://${id}`))?.state.running?.startedAt;
}

function memory(time: string, { used, workingSet, available, resident, pageFaults, majorPageFaults }: MemoryUsage): object {
  return {
    time, availableBytes: available, usageBytes: used, workingSetBytes: workingSet, rssBytes: resident, pageFaults, majorPageFaults,
  };
}

function disk(time: string, { capacity, available, inodes, freeInodes }: DiskUsage): object {
  return {
    time, availableBytes: available, capacityBytes: capacity, usedBytes: capacity - available, inodesFree: freeInodes, inodes,
    inodesUsed: inodes - freeInodes,
  };
}
