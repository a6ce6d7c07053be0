import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { selectorFromLabels } from "#machinery/label-selectors.ts";
import type { Objects } from "../request.ts";
import type { MeasuredPod } from "./custom-metrics.ts";

/** An object with what is measured of it. */
export interface Described {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly values: readonly MeasuredPod[];
}

/**
 * Sorts values by the objects that they describe: a pod by its own, a service by those of its pods, a namespace by all within it, and any
 * object by those whose label of the kind's name, such as `ingress="shop"`, names it in the pod's namespace. Objects of which nothing is
 * measured, or that are not there, are left out.
 */
export function describedBy(values: readonly MeasuredPod[], kind: Kind, objects: Objects): readonly Described[] {
  if (kind.group === "" && kind.kind === Pod.kind) return grouped(values, ({ pod }) => [pod], kind);
  const services = new Map<Pod, readonly KubeObject[]>();
  const servicesFor = (pod: Pod): readonly KubeObject[] => {
    const known = services.get(pod) ?? servicesOf(pod, objects);
    services.set(pod, known);
    return known;
  };
  return grouped(values, (value) => [...labelled(value, kind, objects), ...(isService(kind) ? servicesFor(value.pod) : [])], kind);
}

function grouped(values: readonly MeasuredPod[], objectsOf: (value: MeasuredPod) => readonly KubeObject[], kind: Kind): readonly Described[] {
  const byObject = new Map<string, { readonly object: KubeObject; readonly values: MeasuredPod[] }>();
  for (const value of values) {
    for (const object of new Set(objectsOf(value))) {
      const { uid } = object.metadata;
      const known = byObject.get(uid) ?? { object, values: [] };
      known.values.push(value);
      byObject.set(uid, known);
    }
  }
  return [...byObject.values()].map((each) => ({ kind, ...each }));
}

function labelled({ labels, pod }: MeasuredPod, kind: Kind, objects: Objects): readonly KubeObject[] {
  const { namespace } = pod.metadata;
  const name = kind.singular === "namespace" ? namespace : labels[kind.singular];
  const object = name === undefined ? undefined : objects.get(kind, kind.namespaced ? namespace : "", name);
  return object ? [object] : [];
}

function isService({ group, plural }: Kind): boolean {
  return group === "" && plural === Service.plural;
}

function servicesOf(pod: Pod, objects: Objects): readonly KubeObject[] {
  return objects.list(Service, pod.metadata.namespace)
    .filter(({ spec: { selector } }) => selector !== undefined && selectorFromLabels(selector).matches(pod.metadata.labels));
}
