import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Pod } from "#api/core/pod.ts";
import type { ApiQuery } from "#client/transport.ts";
import { serverForTest } from "../testing/api-server.ts";

const metadata = { name: "a", namespace: "default" };
const long = "x".repeat(129);

test.each([
  [{ dryRun: "Some" }, 'dryRun: Unsupported value: []string{"Some"}: supported values: "All"'],
  [{ fieldValidation: "Maybe" }, 'fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"'],
  [{ fieldManager: long }, "fieldManager: Too long: may not be more than 128 bytes"],
  [{ fieldManager: "a\nb" }, String.raw`fieldManager: Invalid value: "a\nb": invalid character U+000A (at position 1)`],
  [{ dryRun: "x", fieldValidation: "y" },
    '[dryRun: Unsupported value: []string{"x"}: supported values: "All", fieldValidation: Unsupported value: "y": supported values: "", "Ignore", "Strict", "Warn"]'],
] as const)("every write with %j is refused, with its options' name", async (query: ApiQuery, problem) => {
  const maps = (await serverForTest()).of(ConfigMap);
  const refused = (options: string) => ({ code: 422, reason: "Invalid", message: `${options}.meta.k8s.io "" is invalid: ${problem}` });
  await expect(maps.create({ metadata }, query)).rejects.toMatchObject(refused("CreateOptions"));
  await expect(maps.update({ metadata }, query)).rejects.toMatchObject(refused("UpdateOptions"));
  await expect(maps.patch("default", "a", "application/merge-patch+json", {}, query)).rejects.toMatchObject(refused("PatchOptions"));
});

test.each([
  ["application/apply-patch+yaml", {}, "fieldManager: Required value: is required for apply patch"],
  ["application/merge-patch+json", { force: true }, "force: Forbidden: may not be specified for non-apply patch"],
] as const)("a patch of type %s with %j is refused", async (type, query, problem) => {
  const maps = (await serverForTest()).of(ConfigMap);
  await expect(maps.patch("default", "a", type, {}, query)).rejects.toMatchObject({ code: 422, message: `PatchOptions.meta.k8s.io "" is invalid: ${problem}` });
});

test.each([
  [{ dryRun: ["Some"] }, 422, 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"'],
  [{ propagationPolicy: "Sideways" }, 422,
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"'],
  [{ propagationPolicy: "Orphan", orphanDependents: true }, 422,
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set'],
  [{ preconditions: { uid: "other" } }, 409,
    /^Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: other, UID in object meta: \S+$/],
  [{ preconditions: { resourceVersion: "99" } }, 409,
    /^Operation cannot be fulfilled on configmaps "a": Precondition failed: ResourceVersion in precondition: 99, ResourceVersion in object meta: \d+$/],
  [{ kind: "Pod" }, 400, /does not match the expected kind \(DeleteOptions\)/],
] as const)("a deletion with %j is refused with %d", async (options, code, message) => {
  const maps = (await serverForTest()).of(ConfigMap);
  await maps.create({ metadata });
  const expected = { code, message: typeof message === "string" ? message : (expect.stringMatching(message) as string) };
  await expect(maps.delete("default", "a", options)).rejects.toMatchObject(expected);
  await expect(maps.deleteCollection("default", {}, options)).rejects.toMatchObject(expected);
  expect((await maps.list("default")).items).toHaveLength(1);
});

test("what is tried out leaves nothing behind: created, changed, applied, deleted, one by one or all together", async () => {
  const maps = (await serverForTest()).of(ConfigMap);
  const dryRun = "All";
  expect(await maps.create({ metadata, data: { k: "v" } }, { dryRun })).toMatchObject({ metadata: { name: "a", uid: expect.any(String) as string }, data: { k: "v" } });
  const apply = { apiVersion: "v1", kind: "ConfigMap", data: { k: "v" } };
  expect(await maps.patch("default", "a", "application/apply-patch+yaml", apply, { dryRun, fieldManager: "m" })).toMatchObject({ data: { k: "v" } });
  expect((await maps.list("default")).items).toEqual([]);
  const stored = await maps.create({ metadata, data: { k: "v" } });
  expect(await maps.update({ ...stored, data: { k: "w" } }, { dryRun })).toMatchObject({ data: { k: "w" } });
  expect(await maps.patch("default", "a", "application/merge-patch+json", { data: { k: "x" } }, { dryRun })).toMatchObject({ data: { k: "x" } });
  expect(await maps.delete("default", "a", { dryRun: ["All"] })).toMatchObject({ kind: "Status", status: "Success" });
  await maps.deleteCollection("default", {}, { dryRun: ["All"] });
  expect(await maps.get("default", "a")).toEqual(stored);
});

test("a grace period below nothing is one second", async () => {
  const { of } = await serverForTest();
  await of(Pod).create({ metadata, spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] } });
  expect(await of(Pod).delete("default", "a", { gracePeriodSeconds: -5 })).toMatchObject({ metadata: { deletionGracePeriodSeconds: 1 } });
});
