import { expect } from "vitest";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance } from "../conformance.ts";
import { httpd, mergePatch } from "../workloads.ts";

conformance("[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]", async ({ of, namespace, until }) => {
  const pods = of(Pod);
  const csi = { driver: "inline.example.com", volumeAttributes: { size: "1Gi" } };
  const volume = { name: "inline", csi };
  await pods.create({
    metadata: { namespace, name: "inline-volumes", labels: { inline: "yes" } },
    // No node of this name: nobody mounts it.
    spec: { schedulingGates: [{ name: "example.com/never" }], containers: [{ name: "main", image: httpd, volumeMounts: [{ name: "inline", mountPath: "/data" }] }], volumes: [volume] },
  });
  expect((await pods.get(namespace, "inline-volumes")).spec.volumes).toContainEqual(volume);
  expect((await pods.list("", { labelSelector: "inline=yes" })).items).toHaveLength(1);
  const patched = await pods.patch(namespace, "inline-volumes", mergePatch, { metadata: { labels: { inline: "patched" } } });
  expect(patched.spec.volumes).toContainEqual(volume);
  await pods.delete(namespace, "inline-volumes", { gracePeriodSeconds: 0 });
  await until("it is gone", () => pods.get(namespace, "inline-volumes").then(() => false, isNotFound));
});

conformance("[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]", async ({ of, namespace, until }) => {
  const [volumes, claims] = [of(PersistentVolume), of(PersistentVolumeClaim)];
  const name = namespace;
  const storageClassName = `${namespace}-class`;
  await volumes.create({
    metadata: { name },
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName, csi: { driver: "disk.example.com", volumeHandle: "1" } },
  });
  await claims.create({ metadata: { namespace, name }, spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage: "1Gi" } } } });
  await until("they are bound to each other", async () =>
    (await claims.get(namespace, name)).status.phase === "Bound" && (await volumes.get("", name)).status.phase === "Bound");

  const condition = (type: string) => ({ type, status: "True" as const, reason: "E2E", message: `Set by ${type}` });
  const patched = await claims.patch(namespace, name, mergePatch, { status: { conditions: [condition("StatusPatched")] } }, {}, "status");
  expect(patched.status.conditions).toMatchObject([condition("StatusPatched")]);
  await until("the claim's status is updated", async () => {
    const claim = await claims.get(namespace, name);
    return claims.updateStatus({ ...claim, status: { ...claim.status, conditions: [condition("StatusUpdated")] } });
  });
  expect((await claims.get(namespace, name)).status.conditions).toMatchObject([condition("StatusUpdated")]);

  const told = await volumes.patch("", name, mergePatch, { status: { message: "StatusPatched", reason: "E2E patchStatus" } }, {}, "status");
  expect(told.status).toMatchObject({ message: "StatusPatched", reason: "E2E patchStatus" });
  await until("the volume's status is updated", async () => {
    const volume = await volumes.get("", name);
    return volumes.updateStatus({ ...volume, status: { ...volume.status, message: "StatusUpdated", reason: "E2E updateStatus" } });
  });
  expect((await volumes.get("", name)).status).toMatchObject({ message: "StatusUpdated", reason: "E2E updateStatus" });
});

conformance("[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]", async ({ of, namespace }) => {
  const secrets = of(Secret);
  const data = (text: string) => ({ "data-1": btoa(text) });
  const created = await secrets.create({ metadata: { namespace, name: "immutable" }, data: data("value-1") });
  const changed = await secrets.update({ ...created, data: data("value-2") });
  const immutable = await secrets.update({ ...changed, immutable: true });
  await expect(secrets.update({ ...immutable, data: data("value-3") })).rejects.toMatchObject({ code: 422 });
  await expect(secrets.update({ ...immutable, immutable: false })).rejects.toMatchObject({ code: 422 });
  const { immutable: _, ...without } = immutable;
  await expect(secrets.update(without)).rejects.toMatchObject({ code: 422 });
  expect((await secrets.update({ ...immutable, metadata: { ...immutable.metadata, labels: { more: "yes" } } })).metadata.labels).toEqual({ more: "yes" });
  await secrets.delete(namespace, "immutable");
});
