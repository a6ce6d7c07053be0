import { describe, expect, it } from "vitest";

import type { Pod, SecurityContext } from "#api/generated/core-v1.ts";
import { podCgroup, podCgroupSettings } from "../cgroups/pod-cgroup.ts";
import { containerOf, podOf } from "../testing/pods.ts";
import { containerResources, oomScoreAdjustment } from "./container-resources.ts";
import { cpuQuota, cpuShares, cpuWeight } from "./cpu.ts";
import { containerSecurity, verifyUser } from "./security.ts";

const gibibyte = 1024 ** 3;
const withResources = (resources: object): Pod => podOf({ containers: [containerOf("main", { resources })] });

describe("cpu", () => {
  it.each([[0, 2], [1, 2], [100, 102], [1000, 1024], [1_000_000, 262_144]])("%i thousandths are %i shares", (milli, shares) => expect(cpuShares(milli)).toBe(shares));
  it.each([[0, -1], [1, 1_000], [100, 10_000], [2_500, 250_000]])("%i thousandths are a quota of %i", (milli, quota) => expect(cpuQuota(milli)).toBe(quota));
  it.each([[2, 1], [1024, 39], [262_144, 10_000]])("%i shares weigh %i", (shares, weight) => expect(cpuWeight(shares)).toBe(weight));
});

describe("memory", () => {
  it.each([
    ["BestEffort", {}, 1000],
    ["Burstable that asks for nothing", { limits: { memory: "1Gi" }, requests: { memory: "0" } }, 999],
    ["Burstable that asks for a quarter", { requests: { memory: "1Gi" } }, 750],
    ["Burstable that asks for all", { requests: { memory: "4Gi" } }, 3],
    ["Guaranteed", { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1", memory: "1Gi" } }, -997],
  ])("%s", (_name, resources, expected) => {
    const pod = withResources(resources);
    expect(oomScoreAdjustment(pod, pod.spec.containers[0]!, 4 * gibibyte)).toBe(expected);
  });

  it("is limited where the container says so", () => {
    const pod = withResources({ limits: { cpu: "200m", memory: "64Mi", "hugepages-2Mi": "4Mi" }, requests: { memory: "32Mi" } });
    expect(containerResources(pod, pod.spec.containers[0]!, gibibyte)).toMatchObject({
      cpuShares: 204, cpuQuota: 20_000, memoryLimitInBytes: 64 * 1024 ** 2, hugepageLimits: [{ pageSize: "2MB", limit: 4 * 1024 ** 2 }],
    });
  });
});

describe("a pod's control group", () => {
  const pod = withResources({ limits: { cpu: "1", memory: "64Mi" }, requests: { cpu: "500m", memory: "32Mi" } });
  it("lies with its class", () => {
    expect(podCgroup(pod, "/kubepods")).toBe("/kubepods/burstable/podu1");
    expect(podCgroup(podOf(), "/kubepods")).toBe("/kubepods/besteffort/podu1");
  });
  it("gets what its containers get together", () => {
    expect(podCgroupSettings(pod, 1, 100)).toEqual({
      cpu: { "cpu.shares": "512", "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "100000" }, memory: { "memory.limit_in_bytes": "67108864" },
      pids: { "pids.max": "100" },
    });
    expect(podCgroupSettings(pod, 2, undefined)).toEqual({ cpu: { "cpu.weight": "20", "cpu.max": "100000 100000" }, memory: { "memory.max": "67108864" } });
  });
  it("has no limit where one container has none", () => {
    const half = podOf({ containers: [...pod.spec.containers, containerOf("free")] });
    expect(podCgroupSettings(half, 2, undefined)).toMatchObject({ cpu: { "cpu.max": "max 100000" }, memory: {} });
  });
});

describe("security", () => {
  const security = (own: SecurityContext, whole: object = {}): ReturnType<typeof containerSecurity> => {
    const pod = podOf({ securityContext: whole, containers: [containerOf("main", { securityContext: own })] });
    return containerSecurity(pod, pod.spec.containers[0]!, "/seccomp");
  };
  it("takes the container's word before the pod's", () => {
    expect(security({ runAsUser: 1 }, { runAsUser: 2, runAsGroup: 3, fsGroup: 4, supplementalGroups: [5, 4] }))
      .toMatchObject({ runAsUser: { value: 1 }, runAsGroup: { value: 3 }, supplementalGroups: [4, 5] });
  });
  it("hides parts of /proc, but from the privileged and unmasked", () => {
    expect(security({}).readonlyPaths).toContain("/proc/sys");
    expect(security({ privileged: true })).toMatchObject({ maskedPaths: [], readonlyPaths: [], privileged: true, seccomp: { profileType: "Unconfined" } });
    expect(security({ procMount: "Unmasked" }).maskedPaths).toEqual([]);
  });
  it("finds the node's own seccomp profiles", () => {
    expect(security({ seccompProfile: { type: "Localhost", localhostProfile: "a/b.json" } }).seccomp).toEqual({ profileType: "Localhost", localhostRef: "/seccomp/a/b.json" });
    expect(security({}, { seccompProfile: { type: "RuntimeDefault" } }).seccomp).toEqual({ profileType: "RuntimeDefault" });
  });
  it.each([
    [{ runAsUser: 0 }, undefined, "container's runAsUser breaks non-root policy"],
    [{}, undefined, "image will run as root"],
    [{}, "nobody", "image has non-numeric user (nobody)"],
    [{}, 1000, undefined],
    [{ runAsUser: 7 }, undefined, undefined],
  ])("that must not be root: %o with image user %s", (own, user, message) => {
    const pod = podOf({ securityContext: { runAsNonRoot: true }, containers: [containerOf("main", { securityContext: own })] });
    const verify = (): void => verifyUser(pod, pod.spec.containers[0]!, { id: "i", names: [], sizeBytes: 0, ...(user === undefined ? {} : { user }) });
    if (message === undefined) verify();
    else expect(verify).toThrow(message);
  });
});
