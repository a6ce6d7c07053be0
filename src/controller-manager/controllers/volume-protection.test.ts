import { describe, expect, test } from "vitest";
import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { Pod } from "#api/core/pod.ts";
import { aPod, at, epoch, metadataOf } from "../testing/objects.ts";
import { claimProtectionController, volumeProtectionController } from "./volume-protection.ts";

const protectedClaim = "kubernetes.io/pvc-protection";

function claim(finalizers: readonly string[], isDeleted: boolean): PersistentVolumeClaim {
  const metadata = metadataOf("data", { finalizers, ...(isDeleted ? { deletionTimestamp: at(5) } : {}) });
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: {}, status: {} } as unknown as PersistentVolumeClaim;
}

const finalizersAfter = (outcome: ReturnType<typeof claimProtectionController.reconcile>): unknown =>
  outcome.writes?.map((write) => ("object" in write ? write.object.metadata?.finalizers : undefined))[0];

describe("a claim", () => {
  test.each([
    ["new: protected", [], false, false, [protectedClaim]],
    ["protected: left alone", [protectedClaim], false, false, undefined],
    ["deleted and used: stays", [protectedClaim], true, true, undefined],
    ["deleted and unused: let go", ["other", protectedClaim], true, false, ["other"]],
    ["deleted and let go: left to others", ["other"], true, false, undefined],
  ] as const)("%s", (_case, finalizers, isDeleted, isUsed, expected) => {
    expect(finalizersAfter(claimProtectionController.reconcile(claim(finalizers, isDeleted), { isUsed }, epoch))).toEqual(expected);
  });

  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] as unknown as Pod["spec"]["volumes"];
  test.each([
    ["a pod on a node", aPod("p", { node: "n", spec: { volumes } }), true],
    ["a pod without a node", aPod("p", { spec: { volumes } }), false],
    ["a pod with another claim", aPod("p", { node: "n" }), false],
    ["an ephemeral volume", aPod("da", { node: "n", spec: { volumes: [{ name: "ta", ephemeral: {} }] as never } }), false],
    ["an ephemeral volume of that name", aPod("x", { node: "n", spec: { volumes: [{ name: "y", ephemeral: {} }] as never } }), false],
  ])("is used by %s: see", (_case, pod, isUsed) => {
    const caches = { of: () => ({ inNamespace: () => [pod] }) } as never;
    expect(claimProtectionController.observe(claim([protectedClaim], true), caches).isUsed).toBe(isUsed);
    expect(claimProtectionController.observe(claim([protectedClaim], false), caches).isUsed).toBe(false);
  });
});

test("a volume is let go when it is bound no more", () => {
  const volume = (phase: string): PersistentVolume => ({
    apiVersion: "v1", kind: "PersistentVolume", metadata: metadataOf("v", { finalizers: ["kubernetes.io/pv-protection"], deletionTimestamp: at(5) }), spec: {}, status: { phase },
  }) as unknown as PersistentVolume;
  expect(volumeProtectionController.reconcile(volume("Bound"), {}, epoch)).toEqual({});
  expect(finalizersAfter(volumeProtectionController.reconcile(volume("Released"), {}, epoch))).toEqual([]);
});
