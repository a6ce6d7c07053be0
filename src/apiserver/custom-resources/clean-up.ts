import { holdsTrue, type NewCondition, withCondition } from "#api/apiextensions/conditions.ts";
import { type CustomResourceDefinition, customResourceCleanup } from "#api/apiextensions/custom-resource-definition.ts";
import type { Clock } from "#machinery/clock.ts";
import { formatTime } from "#machinery/time.ts";
import { deleting } from "../objects/deletion.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";

/** Whether the objects of a definition have to go before it may. */
export function awaitsCleanUp({ metadata: { deletionTimestamp, finalizers } }: CustomResourceDefinition): boolean {
  return deletionTimestamp !== undefined && finalizers?.includes(customResourceCleanup) === true;
}

/** Deletes all objects of a kind; some may wait for finalizers of their own. */
export async function deleteInstances(storage: ObjectStorage, clock: Clock): Promise<void> {
  await storage.current();
  for (const current of [...storage.list("")]) {
    if (current.object.metadata.deletionTimestamp !== undefined) continue;
    const next = deleting(storage.kind, current.object, {}, clock);
    // Where somebody else was faster, the change is seen and the object looked at again.
    await (next ? storage.replace(current, next) : storage.remove(current));
  }
}

/** The definition as it is to be while its objects go, and, once they are gone, without the finalizer. */
export function cleanedUp(definition: CustomResourceDefinition, instances: number, clock: Clock): CustomResourceDefinition {
  const now = formatTime(clock.now());
  if (instances > 0) return withCondition(definition, inProgress, now);
  const done = withCondition(definition, holdsTrue(definition, "Established") ? completed : neverEstablished, now);
  const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== customResourceCleanup);
  return { ...done, metadata: { ...done.metadata, finalizers } };
}

const inProgress: NewCondition = {
  type: "Terminating", status: "True", reason: "InstanceDeletionInProgress", message: "CustomResource deletion is in progress",
};
const completed: NewCondition = {
  type: "Terminating", status: "False", reason: "InstanceDeletionCompleted", message: "removed all instances",
};
const neverEstablished: NewCondition = {
  type: "Terminating", status: "False", reason: "NeverEstablished", message: "resource was never established",
};
