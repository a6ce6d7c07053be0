import { Pod } from "#api/core/pod.ts";
import { RuntimeClass } from "#api/node/runtime-class.ts";
import { equal } from "#machinery/equality.ts";
import { quote } from "#machinery/quote.ts";
import { sameResources } from "#machinery/resource-list.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, refuse, writes } from "../of-kind.ts";

/** A pod with a runtime class gets the class's overhead, and runs only where the class is offered. */
export class RuntimeClassPlugin implements AdmissionPlugin {
  readonly name = "RuntimeClass";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, Pod, "CREATE");
  }

  mutate(request: AdmissionRequest): Pod {
    const pod = objectOf(request, Pod);
    const runtimeClass = this.#classOf(request, pod);
    if (!runtimeClass) return pod;
    const { overhead, scheduling } = runtimeClass;
    const { podFixed = {} } = overhead ?? {};
    if (Object.keys(podFixed).length > 0 && pod.spec.overhead && !sameResources(pod.spec.overhead, podFixed)) {
      throw refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    return {
      ...pod,
      spec: {
        ...pod.spec,
        ...(Object.keys(podFixed).length > 0 ? { overhead: podFixed } : {}),
        ...(scheduling?.nodeSelector ? { nodeSelector: this.#nodeSelector(request, pod, scheduling.nodeSelector) } : {}),
        ...(scheduling?.tolerations ? { tolerations: union(pod.spec.tolerations ?? [], scheduling.tolerations) } : {}),
      },
    };
  }

  validate(request: AdmissionRequest): void {
    const { overhead = {} } = objectOf(request, Pod).spec;
    const fixed = this.#classOf(request, objectOf(request, Pod))?.overhead?.podFixed ?? {};
    if (Object.keys(overhead).length > 0 && Object.keys(fixed).length === 0) {
      throw refuse(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
  }

  #classOf(request: AdmissionRequest, pod: Pod): RuntimeClass | undefined {
    const name = pod.spec.runtimeClassName;
    if (!name) return undefined;
    const found = this.#objects.get(RuntimeClass, "", name);
    if (!found) throw refuse(request, `pod rejected: RuntimeClass ${quote(name)} not found`);
    return found;
  }

  #nodeSelector(request: AdmissionRequest, pod: Pod, ofClass: { readonly [label: string]: string }): { readonly [label: string]: string } {
    const own = pod.spec.nodeSelector ?? {};
    for (const [label, value] of Object.entries(ofClass)) {
      if (own[label] !== undefined && own[label] !== value) {
        throw refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${label}] = ${value}; pod.spec.nodeSelector[${label}] = ${own[label]}`);
      }
    }
    return { ...own, ...ofClass };
  }
}

function union<T>(own: readonly T[], others: readonly T[]): readonly T[] {
  return [...own, ...others.filter((other) => !own.some((each) => equal(each, other)))];
}
