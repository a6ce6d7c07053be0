import { LimitRange } from "#api/core/limit-range.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isOfKind, objectOf, oldObjectOf, refuse, writes } from "../of-kind.ts";
import { claimProblems, podProblems } from "./limit-ranger/bounds.ts";
import { withContainerDefaults } from "./limit-ranger/container-defaults.ts";

/** Gives containers the requests and limits that their namespace has for them; refuses what goes beyond its bounds. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = "LimitRanger";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    if (request.subresource === "resize") return isOfKind(request, Pod) && request.operation === "UPDATE";
    return writes(request, Pod, "CREATE") || writes(request, PersistentVolumeClaim, "CREATE", "UPDATE");
  }

  mutate(request: AdmissionRequest): Pod | PersistentVolumeClaim {
    if (!isOfKind(request, Pod)) return objectOf(request, PersistentVolumeClaim);
    return this.#ranges(request).reduce(withContainerDefaults, objectOf(request, Pod));
  }

  validate(request: AdmissionRequest): void {
    if (oldObjectOf(request, request.kind)?.metadata.deletionTimestamp !== undefined) return;
    for (const { spec: { limits } } of this.#ranges(request)) {
      const problems = isOfKind(request, Pod)
        ? podProblems(objectOf(request, Pod), limits) : claimProblems(objectOf(request, PersistentVolumeClaim), limits);
      if (problems.length > 0) throw refuse(request, problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`);
    }
  }

  #ranges({ namespace }: AdmissionRequest): readonly LimitRange[] {
    return this.#objects.list(LimitRange, namespace);
  }
}
