import { validateObject, validateObjectUpdate } from "#api/validate-object.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { invalid, type StatusCause } from "#machinery/status-error.ts";

/** @throws StatusError (422) with everything that is wrong. @param old absent for a new object */
export function checkObject(kind: Kind, object: KubeObject, old: KubeObject | undefined, context: { warn(message: string): void }): void {
  refuse(kind, object, old ? validateObjectUpdate(kind, object, old) : validateObject(kind, object));
  for (const warning of kind.warnings?.(object, old) ?? []) context.warn(warning);
}

/** As `checkObject`, for a write of the status alone. @throws StatusError (422) */
export function checkStatus(kind: Kind, object: KubeObject, old: KubeObject): void {
  refuse(kind, object, kind.validateStatusUpdate?.(object, old) ?? []);
}

function refuse({ group, kind }: Kind, object: KubeObject, causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid({ group, resource: kind }, object.metadata.name ?? "", causes);
}
