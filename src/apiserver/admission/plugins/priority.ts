import { Pod } from "#api/core/pod.ts";
import { PriorityClass } from "#api/scheduling/priority-class.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, oldObjectOf, refuse, writes } from "../of-kind.ts";

/** Turns the name of a pod's priority class into its number; sees to it that only one class is the default. */
export class PriorityPlugin implements AdmissionPlugin {
  readonly name = "Priority";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, Pod, "CREATE", "UPDATE") || writes(request, PriorityClass, "CREATE", "UPDATE");
  }

  mutate(request: AdmissionRequest): Pod | PriorityClass {
    if (writes(request, PriorityClass, "CREATE", "UPDATE")) return objectOf(request, PriorityClass);
    return request.operation === "CREATE" ? this.#resolve(request) : keep(objectOf(request, Pod), oldObjectOf(request, Pod));
  }

  validate(request: AdmissionRequest): void {
    if (!writes(request, PriorityClass, "CREATE", "UPDATE")) return;
    const { globalDefault, metadata } = objectOf(request, PriorityClass);
    const other = globalDefault ? this.#defaultClass() : undefined;
    if (other && other.metadata.name !== metadata.name) {
      throw refuse(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
    }
  }

  #resolve(request: AdmissionRequest): Pod {
    const pod = objectOf(request, Pod);
    const { priorityClassName, priority, preemptionPolicy } = pod.spec;
    const named = priorityClassName ? this.#objects.get(PriorityClass, "", priorityClassName) : this.#defaultClass();
    if (priorityClassName && !named) throw refuse(request, `no PriorityClass with name ${priorityClassName} was found`);
    const value = named?.value ?? 0;
    if (priority !== undefined && priority !== value) {
      throw refuse(request, `the integer value of priority (${priority}) must not be provided in pod spec; ` +
        `priority admission controller computed ${value} from the given PriorityClass name`);
    }
    const policy = named?.preemptionPolicy ?? "PreemptLowerPriority";
    if (preemptionPolicy !== undefined && preemptionPolicy !== policy) {
      throw refuse(request, `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; ` +
        `priority admission controller computed ${policy} from the given PriorityClass name`);
    }
    return { ...pod, spec: { ...pod.spec, priority: value, preemptionPolicy: policy, ...(named ? { priorityClassName: named.metadata.name } : {}) } };
  }

  /** Two may have been made at the same time: then the lower one counts. */
  #defaultClass(): PriorityClass | undefined {
    return this.#objects.list(PriorityClass, "")
      .filter(({ globalDefault }) => globalDefault === true)
      .reduce<PriorityClass | undefined>((lowest, each) => (lowest && (lowest.value ?? 0) <= (each.value ?? 0) ? lowest : each), undefined);
  }
}

/** Writers that do not know these fields leave them out. */
function keep(pod: Pod, old: Pod | undefined): Pod {
  const priority = pod.spec.priority ?? old?.spec.priority;
  const preemptionPolicy = pod.spec.preemptionPolicy ?? old?.spec.preemptionPolicy;
  if (priority === pod.spec.priority && preemptionPolicy === pod.spec.preemptionPolicy) return pod;
  return { ...pod, spec: { ...pod.spec, priority, preemptionPolicy } };
}
