import type { Pod } from "#api/generated/core-v1.ts";
import { qualityOfService, type QualityOfService } from "#api/core/pod-quality-of-service.ts";
import { milliValue, value } from "#machinery/quantity.ts";
import { cpuPeriod, cpuQuota, cpuShares, cpuWeight } from "../linux/cpu.ts";
import { podLimits, podRequests } from "#api/core/pod-requests.ts";

/** Files to write in a control group, by controller; v2 knows no controllers in its paths. */
export interface CgroupSettings {
  readonly [controller: string]: { readonly [file: string]: string };
}

const parents: { readonly [quality in QualityOfService]: string } = { Guaranteed: "", Burstable: "/burstable", BestEffort: "/besteffort" };

/** Where a pod's control group lies. @param root of all pods, such as `/kubepods` */
export function podCgroup(pod: Pod, root: string): string {
  return `${root}${parents[qualityOfService(pod.spec)]}/pod${pod.metadata.uid}`;
}

/** What the containers of a pod get together (KEP: pod-level cgroups). @param pidLimit processes, or undefined for no limit */
export function podCgroupSettings(pod: Pod, version: 1 | 2, pidLimit: number | undefined): CgroupSettings {
  const limits = podLimits(pod);
  const milliRequest = milliValue(podRequests(pod)["cpu"] ?? "0");
  const milliLimit = milliValue(limits["cpu"] ?? "0");
  const memory = value(limits["memory"] ?? "0");
  const shares = cpuShares(milliRequest === 0 ? milliLimit : milliRequest);
  const quota = cpuQuota(milliLimit);
  const pids: CgroupSettings = pidLimit === undefined ? {} : { pids: { "pids.max": String(pidLimit) } };
  if (version === 2) {
    return {
      cpu: { "cpu.weight": String(cpuWeight(shares)), "cpu.max": `${quota < 0 ? "max" : quota} ${cpuPeriod}` },
      memory: memory > 0 ? { "memory.max": String(memory) } : {},
      ...pids,
    };
  }
  return {
    cpu: { "cpu.shares": String(shares), "cpu.cfs_period_us": String(cpuPeriod), "cpu.cfs_quota_us": String(quota) },
    memory: memory > 0 ? { "memory.limit_in_bytes": String(memory) } : {},
    ...pids,
  };
}

/** The share of all pods of one class together. @param milliCpu what they ask for, 0 for the best effort */
export function classCgroupSettings(version: 1 | 2, milliCpu: number): CgroupSettings {
  const shares = cpuShares(milliCpu);
  return { cpu: version === 2 ? { "cpu.weight": String(cpuWeight(shares)) } : { "cpu.shares": String(shares) } };
}
