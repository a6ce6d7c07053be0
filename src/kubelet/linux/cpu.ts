/** Microseconds over which a quota counts. */
export const cpuPeriod = 100_000;

const sharesPerCpu = 1024;
const fewestShares = 2;
const mostShares = 262_144;
const smallestQuota = 1_000;

/** The kernel's weight (cgroup v1) of so many thousandths of a core. */
export function cpuShares(milliCpu: number): number {
  return Math.min(Math.max(Math.floor((milliCpu * sharesPerCpu) / 1000), fewestShares), mostShares);
}

/** Microseconds in each period, or -1 for no limit. */
export function cpuQuota(milliCpu: number): number {
  return milliCpu <= 0 ? -1 : Math.max(Math.floor((milliCpu * cpuPeriod) / 1000), smallestQuota);
}

/** The weight of cgroup v2 that stands for shares of v1 (KEP-2254). */
export function cpuWeight(shares: number): number {
  return Math.floor(1 + ((shares - fewestShares) * 9_999) / (mostShares - fewestShares));
}
