import type { Received } from "../../runtime/cri/definitions.ts";
import { containerNameLabel, identityFrom } from "../../runtime/cri/labels.ts";
import type { ContainerUsage, MemoryUsage } from "./usage.ts";

/** What the runtime tells of one container; undefined for what is no container of a pod. */
export function containerUsage({ attributes, cpu, memory, writableLayer }: Received<"ContainerStats">): ContainerUsage | undefined {
  const pod = identityFrom(attributes?.labels ?? {});
  const name = attributes?.labels[containerNameLabel];
  if (attributes === null || pod === undefined || name === undefined) return undefined;
  return {
    id: attributes.id, pod, name,
    cpuNanoseconds: number(cpu?.usageCoreNanoSeconds),
    memory: memory === null ? {} : memoryUsage(memory),
    ...(writableLayer === null ? {} : {
      layer: { usedBytes: number(writableLayer.usedBytes) ?? 0, usedInodes: number(writableLayer.inodesUsed) ?? 0 },
    }),
  };
}

function memoryUsage(memory: Received<"MemoryUsage">): MemoryUsage {
  return {
    used: number(memory.usageBytes), workingSet: number(memory.workingSetBytes), available: number(memory.availableBytes),
    resident: number(memory.rssBytes), pageFaults: number(memory.pageFaults), majorPageFaults: number(memory.majorPageFaults),
  };
}

function number(amount: { readonly value: bigint } | null | undefined): number | undefined {
  return amount === null || amount === undefined ? undefined : Number(amount.value);
}
