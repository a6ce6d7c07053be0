import { copyOf } from "#machinery/json.ts";
import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";
import { fillDefaults } from "#machinery/schema/decode-object.ts";

/** Objects with a status, as far as this file goes. */
interface WithStatus {
  status?: unknown;
}

/** A new object begins without a status, where its status is written by other means. */
export function clearStatus(kind: Kind, draft: Draft<KubeObject>): void {
  const { status = false, statusWhenNew = false } = kind.subresources ?? {};
  if (!status || statusWhenNew || isEmpty((draft as WithStatus).status)) return;
  delete (draft as WithStatus).status;
  fillDefaults(kind, draft);
}

function isEmpty(status: unknown): boolean {
  return status === undefined || (typeof status === "object" && status !== null && Object.keys(status).length === 0);
}

/** Writers of the object leave the status as it is. */
export function keepStatus(kind: Kind, draft: Draft<KubeObject>, old: KubeObject): void {
  if (kind.subresources?.status !== true) return;
  const { status } = old as WithStatus;
  if (status === undefined) delete (draft as WithStatus).status;
  else (draft as WithStatus).status = copyOf(status);
}

interface WrittenMetadata {
  labels?: unknown;
  annotations?: unknown;
  managedFields?: unknown;
}

/** Writers of the status change nothing else but labels and annotations, and who owns what, which the server keeps. */
export function withStatusOf(draft: Draft<KubeObject>, old: KubeObject): Draft<KubeObject> {
  const { metadata } = draft;
  const next = copyOf(old) as Draft<KubeObject> & WithStatus;
  const { status } = draft as WithStatus;
  if (status === undefined) delete next.status;
  else next.status = status;
  next.metadata.resourceVersion = metadata.resourceVersion;
  const [given, kept] = [metadata as WrittenMetadata, next.metadata as WrittenMetadata];
  for (const name of ["labels", "annotations", "managedFields"] as const) {
    if (given[name] === undefined) delete kept[name];
    else kept[name] = given[name];
  }
  return next;
}
