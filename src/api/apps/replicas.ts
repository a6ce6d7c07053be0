import type { ScaleMapping } from "#machinery/kind.ts";
import { type LabelSelectorObject, selectorFromObject } from "#machinery/label-selectors.ts";

interface Scalable {
  readonly spec: { readonly replicas: number; readonly selector: LabelSelectorObject };
  readonly status: { readonly replicas?: number };
}

/** The scale of a workload that counts its pods in `spec.replicas` and `status.replicas`. */
export function replicasScale<T extends Scalable>(): ScaleMapping<T> {
  return {
    replicas: ({ spec }) => spec.replicas,
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
    statusReplicas: ({ status }) => status.replicas ?? 0,
    selector: ({ spec }) => selectorFromObject(spec.selector).toString(),
  };
}
