import { describe, expect, test } from "vitest";
import { LimitRange } from "#api/core/limit-range.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import type { New } from "#machinery/kind.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { admit } from "../../testing/writes.ts";
import { LimitRanger } from "./limit-ranger.ts";

function plugin(...limits: readonly object[]): LimitRanger {
  const objects = new FakeObjects();
  objects.put(LimitRange, { metadata: { namespace: "web", name: "l" }, spec: { limits } as New<LimitRange["spec"]> });
  objects.put(LimitRange, { metadata: { namespace: "other", name: "l" }, spec: { limits: [{ type: "Container", max: { cpu: "1m" } }] } });
  return new LimitRanger(objects);
}

const pod = (resources: object = {}): New<Pod> => ({ metadata: { namespace: "web", name: "p" }, spec: { containers: [{ name: "a", resources }] } });
const claim = (storage: string): New<PersistentVolumeClaim> => ({ metadata: { namespace: "web", name: "c" }, spec: { resources: { requests: { storage } } } });

test("containers get what they do not say, and an annotation tells", async () => {
  const ranger = plugin({ type: "Container", default: { cpu: "1", memory: "2Gi" }, defaultRequest: { cpu: "500m" } });
  const { metadata, spec } = await admit(ranger, Pod, { object: pod({ limits: { cpu: "2" } }) });
  expect(spec.containers[0]?.resources).toEqual({ limits: { cpu: "2", memory: "2Gi" }, requests: { cpu: "500m" } });
  expect(metadata.annotations).toEqual({ "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu request for container a; memory limit for container a" });
});

describe("a pod is refused", () => {
  test.each<[string, object, object, string]>([
    ["below the minimum", { min: { cpu: "1" } }, { requests: { cpu: "500m" } }, "minimum cpu usage per Container is 1, but request is 500m"],
    ["without a request where there is a minimum", { min: { cpu: "1" } }, {}, "minimum cpu usage per Container is 1.  No request is specified"],
    ["above the maximum", { max: { memory: "1Gi" } }, { limits: { memory: "2Gi" } }, "maximum memory usage per Container is 1Gi, but limit is 2Gi"],
    ["without a limit where there is a maximum", { max: { memory: "1Gi" } }, {}, "maximum memory usage per Container is 1Gi.  No limit is specified"],
    ["above the ratio", { maxLimitRequestRatio: { cpu: "2" } }, { requests: { cpu: "1" }, limits: { cpu: "3" } },
      "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000"],
    ["in total", { type: "Pod", max: { cpu: "1" } }, { limits: { cpu: "2" } }, "maximum cpu usage per Pod is 1, but limit is 2"],
    ["for all at once", { max: { cpu: "1", memory: "1" } }, {},
      "[maximum cpu usage per Container is 1.  No limit is specified, maximum memory usage per Container is 1.  No limit is specified]"],
  ])("%s", async (_case, bounds, resources, why) => {
    await expect(admit(plugin({ type: "Container", ...bounds }), Pod, { object: pod(resources) })).rejects.toThrow(`pods "p" is forbidden: ${why}`);
  });
});

test("claims have bounds, when they are made and when they grow", async () => {
  const ranger = plugin({ type: "PersistentVolumeClaim", min: { storage: "2Gi" }, max: { storage: "4Gi" } });
  await admit(ranger, PersistentVolumeClaim, { object: claim("3Gi") });
  await expect(admit(ranger, PersistentVolumeClaim, { object: claim("1Gi") })).rejects.toThrow("minimum storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi");
  await expect(admit(ranger, PersistentVolumeClaim, { object: claim("5Gi"), oldObject: claim("3Gi") })).rejects.toThrow(
    "maximum storage usage per PersistentVolumeClaim is 4Gi, but request is 5Gi",
  );
});

test("what does not concern it is left alone", async () => {
  const ranger = plugin({ type: "Container", max: { cpu: "1" } });
  await admit(ranger, Pod, { object: pod(), oldObject: pod() });
  const elsewhere = { ...pod(), metadata: { namespace: "free", name: "p" } };
  expect(await admit(ranger, Pod, { object: elsewhere })).toBe(elsewhere);
});
