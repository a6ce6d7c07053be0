import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { forbidden, StatusError, type StatusCause } from "#machinery/status-error.ts";
import type { AdmissionRequest } from "./admission.ts";

/** Whether a write is of this kind itself, not of a subresource, and one of the operations. */
export function writes(request: AdmissionRequest, kind: KindReference, ...operations: readonly AdmissionRequest["operation"][]): boolean {
  return request.subresource === undefined && isOfKind(request, kind) && operations.includes(request.operation);
}

export function isOfKind({ kind }: AdmissionRequest, wanted: KindReference): boolean {
  return kind.kind === wanted.kind && kind.group === wanted.group;
}

/** The object to write, once `writes` or `isOfKind` has said that it is of the kind. */
export function objectOf<T extends KubeObject>(request: AdmissionRequest, _kind: KindReference<T>): T {
  if (!request.object) throw new Error(`there is no object in a ${request.operation} of ${request.kind.plural}`);
  return request.object as T;
}

/** The object as it is; `undefined` where it is being created. */
export function oldObjectOf<T extends KubeObject>(request: AdmissionRequest, _kind: KindReference<T>): T | undefined {
  return request.oldObject as T | undefined;
}

/** Refuses a write: `pods "web" is forbidden: why`. */
export function refuse({ kind, name, object }: AdmissionRequest, why: string, ...causes: readonly StatusCause[]): StatusError {
  const refusal = forbidden(kind.resource, name || (object?.metadata.generateName ?? ""), why);
  return causes.length === 0 ? refusal : new StatusError({ ...refusal.body, details: { ...refusal.body.details, causes } });
}
