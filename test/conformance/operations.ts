import { expect } from "vitest";
import { WatchLog } from "#apiserver/testing/watch-log.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { Stage } from "./conformance.ts";

const mergePatch = "application/merge-patch+json";

/**
 * What every kind that is stored does, as upstream's "should support … API operations" go through it: create, get, list, watch,
 * patch, update, delete, delete as a collection.
 *
 * @param example without a name; a namespaced kind's is put into the stage's namespace
 * @param change a merge patch that makes a difference
 * @param isSettled of a kind to whose new objects the system adds something at once: whether it has
 */
export async function supportsOperations<T extends KubeObject>(
  stage: Stage, kind: KindReference<T>, example: object, change: object, isSettled?: (object: T) => boolean,
): Promise<void> {
  const { of, namespace: stageName, until } = stage;
  const resource = of(kind);
  const namespace = kind.namespaced ? stageName : "";
  const labels = { [stageName]: "one" };
  const labelSelector = `${stageName}=one`;
  const object = (suffix: string): New<T> =>
    ({ ...example, metadata: { name: `${stageName}-${suffix}`, ...(kind.namespaced ? { namespace } : {}), labels } }) as unknown as New<T>;
  const log = new WatchLog();
  const watch = resource.watch(namespace, { labelSelector }, log);

  const { metadata: { name } } = await resource.create(object("a"));
  const created = await until("it is settled", async () => {
    const current = await resource.get(namespace, name);
    return (isSettled?.(current) ?? true) && current;
  });
  expect(await resource.get(namespace, name)).toEqual(created);
  expect((await resource.list(namespace, { labelSelector })).items).toEqual([created]);
  expect((await resource.list("", { labelSelector })).items).toEqual([created]);
  const patched = await resource.patch(namespace, name, mergePatch, { ...change, metadata: { annotations: { patched: "true" } } });
  expect(patched).toMatchObject({ ...change, metadata: { annotations: { patched: "true" } } });
  const annotations = { ...patched.metadata.annotations, updated: "true" };
  const updated = await resource.update({ ...patched, metadata: { ...patched.metadata, annotations } });
  expect(updated.metadata.annotations).toEqual({ patched: "true", updated: "true" });
  await resource.delete(namespace, name);
  await expect(resource.get(namespace, name)).rejects.toSatisfy(isNotFound);
  const expected = ["ADDED", ...(isSettled ? ["MODIFIED"] : []), "MODIFIED", "MODIFIED", "DELETED"];
  await log.count(expected.length);
  watch.close();
  expect(log.events.map(({ type }) => type)).toEqual(expected);

  for (const suffix of ["b", "c", "d"]) await resource.create(object(suffix));
  expect((await resource.list(namespace, { labelSelector })).items).toHaveLength(3);
  await resource.deleteCollection(namespace, { labelSelector });
  await until("the collection is gone", async () => (await resource.list(namespace, { labelSelector })).items.length === 0);
}
