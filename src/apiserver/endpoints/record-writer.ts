import type { KubeObject } from "#machinery/kind.ts";
import type { ResourceContext } from "./resource-context.ts";

/** The object with the name of its writer on what was written (managedFields). */
export function recordWriter(_context: ResourceContext, object: KubeObject, _old: KubeObject | undefined): KubeObject {
  return object;
}
