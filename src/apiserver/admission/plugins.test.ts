import { describe, expect, test } from "vitest";
import { Node } from "#api/core/node.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { Pod } from "#api/core/pod.ts";
import { RuntimeClass } from "#api/node/runtime-class.ts";
import { PriorityClass } from "#api/scheduling/priority-class.ts";
import { StorageClass } from "#api/storage/storage-class.ts";
import type { New } from "#machinery/kind.ts";
import { FakeObjects } from "../testing/objects.ts";
import { admit } from "../testing/writes.ts";
import { DefaultStorageClass } from "./plugins/default-storage-class.ts";
import { defaultTolerationSeconds } from "./plugins/default-toleration-seconds.ts";
import { PersistentVolumeClaimResize } from "./plugins/persistent-volume-claim-resize.ts";
import { PriorityPlugin } from "./plugins/priority.ts";
import { RuntimeClassPlugin } from "./plugins/runtime-class.ts";
import { storageObjectInUseProtection } from "./plugins/storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./plugins/taint-nodes-by-condition.ts";

const pod = (spec: New<Pod["spec"]> = {}): New<Pod> => ({ metadata: { namespace: "web", name: "p" }, spec });

describe("tolerations", () => {
  const added = (key: string): object => ({ key: `node.kubernetes.io/${key}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 });
  test.each([
    ["none", undefined, [added("not-ready"), added("unreachable")]],
    ["one of its own", [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }],
      [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }, added("unreachable")]],
    ["everything", [{ operator: "Exists" }], [{ operator: "Exists" }]],
    ["another effect", [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoSchedule" }],
      [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoSchedule" }, added("not-ready"), added("unreachable")]],
  ] as const)("a pod that tolerates %s", async (_case, tolerations, expected) => {
    expect((await admit(defaultTolerationSeconds, Pod, { object: pod({ tolerations }) })).spec.tolerations).toEqual(expected);
  });
});

describe("priority", () => {
  function plugin(): PriorityPlugin {
    const objects = new FakeObjects();
    objects.put(PriorityClass, { metadata: { name: "high" }, value: 1000, preemptionPolicy: "Never" });
    objects.put(PriorityClass, { metadata: { name: "usual" }, value: 10, globalDefault: true });
    return new PriorityPlugin(objects);
  }
  test.each([
    [{ priorityClassName: "high" }, { priorityClassName: "high", priority: 1000, preemptionPolicy: "Never" }],
    [{}, { priorityClassName: "usual", priority: 10, preemptionPolicy: "PreemptLowerPriority" }],
    [{ priority: 10 }, { priorityClassName: "usual", priority: 10, preemptionPolicy: "PreemptLowerPriority" }],
  ] as const)("%o becomes %o", async (spec, expected) => {
    expect((await admit(plugin(), Pod, { object: pod(spec) })).spec).toEqual(expected);
  });
  test.each([
    [{ priorityClassName: "none" }, "no PriorityClass with name none was found"],
    [{ priority: 7 }, "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 10 from the given PriorityClass name"],
    [{ preemptionPolicy: "Never" }, "the string value of PreemptionPolicy (Never) must not be provided"],
  ] as const)("%o is refused", async (spec, why) => {
    await expect(admit(plugin(), Pod, { object: pod(spec) })).rejects.toThrow(why);
  });
  test("an update keeps what its writer does not know", async () => {
    const { spec } = await admit(plugin(), Pod, { object: pod({ nodeName: "n" }), oldObject: pod({ priority: 5, preemptionPolicy: "Never" }) });
    expect(spec).toEqual({ nodeName: "n", priority: 5, preemptionPolicy: "Never" });
  });
  test("only one class is the default", async () => {
    await admit(plugin(), PriorityClass, { object: { metadata: { name: "usual" }, globalDefault: true } });
    await expect(admit(plugin(), PriorityClass, { object: { metadata: { name: "new" }, globalDefault: true } })).rejects.toThrow(
      "PriorityClass usual is already marked as default. Only one default can exist",
    );
  });
});

test("a new node is tainted until it is ready", async () => {
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" } as const;
  expect((await admit(taintNodesByCondition, Node, { object: { metadata: { name: "n" } } })).spec?.taints).toEqual([taint]);
  expect((await admit(taintNodesByCondition, Node, { object: { metadata: { name: "n" }, spec: { taints: [taint] } } })).spec?.taints).toEqual([taint]);
});

test("claims and volumes get their finalizers once", async () => {
  const claim = await admit(storageObjectInUseProtection, PersistentVolumeClaim, { object: { metadata: { namespace: "web", name: "c" } } });
  expect(claim.metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
  const volume = await admit(storageObjectInUseProtection, PersistentVolume, { object: { metadata: { name: "v", finalizers: ["a", "kubernetes.io/pv-protection"] } } });
  expect(volume.metadata.finalizers).toEqual(["a", "kubernetes.io/pv-protection"]);
});

describe("storage classes", () => {
  function plugin(): DefaultStorageClass {
    const objects = new FakeObjects();
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    objects.put(StorageClass, { metadata: { name: "old", annotations } });
    objects.put(StorageClass, { metadata: { name: "new", annotations, creationTimestamp: "2026-02-01T00:00:00Z" } });
    objects.put(StorageClass, { metadata: { name: "newest", creationTimestamp: "2026-03-01T00:00:00Z" } });
    return new DefaultStorageClass(objects);
  }
  test.each([[undefined, "new"], ["", ""], ["old", "old"]])("a claim for %o gets %o", async (storageClassName, expected) => {
    const claim = await admit(plugin(), PersistentVolumeClaim, { object: { metadata: { namespace: "web", name: "c" }, spec: { storageClassName } } });
    expect(claim.spec.storageClassName).toBe(expected);
  });
});

describe("runtime classes", () => {
  function plugin(): RuntimeClassPlugin {
    const objects = new FakeObjects();
    objects.put(RuntimeClass, { metadata: { name: "sandbox" }, handler: "s", overhead: { podFixed: { cpu: "250m" } }, scheduling: { nodeSelector: { kind: "vm" } } });
    return new RuntimeClassPlugin(objects);
  }
  test("add their overhead and where they are offered", async () => {
    const { spec } = await admit(plugin(), Pod, { object: pod({ runtimeClassName: "sandbox", nodeSelector: { disk: "ssd" } }) });
    expect(spec).toMatchObject({ overhead: { cpu: "250m" }, nodeSelector: { disk: "ssd", kind: "vm" } });
  });
  test.each([
    [{ runtimeClassName: "none" }, 'pod rejected: RuntimeClass "none" not found'],
    [{ runtimeClassName: "sandbox", overhead: { cpu: "1" } }, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"],
    [{ runtimeClassName: "sandbox", nodeSelector: { kind: "metal" } }, "conflict: runtimeClass.scheduling.nodeSelector[kind] = vm; pod.spec.nodeSelector[kind] = metal"],
    [{ overhead: { cpu: "1" } }, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"],
  ] as const)("%o is refused", async (spec, why) => {
    await expect(admit(plugin(), Pod, { object: pod(spec) })).rejects.toThrow(why);
  });
});

describe("a claim that is to grow", () => {
  const objects = new FakeObjects();
  objects.put(StorageClass, { metadata: { name: "elastic" }, provisioner: "example.com/disk", allowVolumeExpansion: true });
  objects.put(StorageClass, { metadata: { name: "fixed" }, provisioner: "example.com/disk" });
  const claim = (storage: string, storageClassName: string, phase: "Bound" | "Pending" = "Bound"): New<PersistentVolumeClaim> => ({
    metadata: { namespace: "web", name: "c" }, spec: { storageClassName, resources: { requests: { storage } } }, status: { phase },
  });
  const unsupported = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
  test.each<[string, New<PersistentVolumeClaim>, New<PersistentVolumeClaim>, string | undefined]>([
    ["grows where its class lets it", claim("1Gi", "elastic"), claim("2Gi", "elastic"), undefined],
    ["does not where its class does not", claim("1Gi", "fixed"), claim("2Gi", "fixed"), unsupported],
    ["does not without a class", claim("1Gi", ""), claim("2Gi", ""), unsupported],
    ["does not before it is bound", claim("1Gi", "elastic", "Pending"), claim("2Gi", "elastic"), "Only bound persistent volume claims can be expanded"],
    ["may stay as large in other words", claim("1Gi", "fixed"), claim("1024Mi", "fixed"), undefined],
  ])("%s", async (_case, oldObject, object, why) => {
    const outcome = admit(new PersistentVolumeClaimResize(objects), PersistentVolumeClaim, { operation: "UPDATE", oldObject, object });
    if (why === undefined) await outcome;
    else await expect(outcome).rejects.toMatchObject({ code: 403, message: `persistentvolumeclaims "c" is forbidden: ${why}` });
  });
});
