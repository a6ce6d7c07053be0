import { IngressClass, isDefaultIngressClass } from "#api/networking/ingress-class.ts";
import { Ingress } from "#api/networking/ingress.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, writes } from "../of-kind.ts";

const classAnnotation = "kubernetes.io/ingress.class";

/** An ingress that names no class, in the new way or the old, gets the default one: of several, the newest. */
export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = "DefaultIngressClass";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, Ingress, "CREATE");
  }

  mutate(request: AdmissionRequest): Ingress {
    const ingress = objectOf(request, Ingress);
    if (ingress.spec.ingressClassName !== undefined || ingress.metadata.annotations?.[classAnnotation] !== undefined) return ingress;
    const [first] = this.#objects.list(IngressClass, "").filter(isDefaultIngressClass).toSorted(newestFirst);
    return first ? { ...ingress, spec: { ...ingress.spec, ingressClassName: first.metadata.name } } : ingress;
  }
}

function newestFirst({ metadata: one }: IngressClass, { metadata: other }: IngressClass): number {
  const difference = Date.parse(other.creationTimestamp) - Date.parse(one.creationTimestamp);
  return difference !== 0 ? difference : one.name < other.name ? -1 : 1;
}
