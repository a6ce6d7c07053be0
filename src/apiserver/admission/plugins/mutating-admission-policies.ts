import { MutatingAdmissionPolicyBinding } from "#api/admissionregistration/mutating-admission-policy-binding.ts";
import { MutatingAdmissionPolicy } from "#api/admissionregistration/mutating-admission-policy.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { StatusError } from "#machinery/status-error.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, refuse } from "../of-kind.ts";
import { BoundPolicies, type BoundPolicy } from "../policies/bound-policies.ts";
import { mutated, MutationError } from "../policies/mutate.ts";
import { withRights } from "../policies/rights.ts";
import { policyVariables } from "../policies/variables.ts";

type Bound = BoundPolicy<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>;

/**
 * Makes the changes in CEL that are bound (Kubernetes "Mutating Admission Policy"), one policy after the other. Those that want to are
 * asked once more when later ones have changed the object after them.
 */
export class MutatingAdmissionPolicies implements AdmissionPlugin {
  readonly name = "MutatingAdmissionPolicy";
  readonly #objects: Objects;
  readonly #authorizer: Authorizer;
  readonly #policies: BoundPolicies<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>;

  constructor(objects: Objects, authorizer: Authorizer) {
    this.#objects = objects;
    this.#authorizer = authorizer;
    this.#policies = new BoundPolicies(objects, MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding);
  }

  handles(request: AdmissionRequest): boolean {
    return this.#policies.mayConcern(request);
  }

  async mutate(request: AdmissionRequest): Promise<KubeObject> {
    let object = objectOf(request, request.kind);
    const left = new Map<Bound, KubeObject>();
    for (const bound of this.#policies.concerned(request)) {
      object = await this.#apply(bound, { ...request, object });
      if (bound.policy.spec.reinvocationPolicy === "IfNeeded") left.set(bound, object);
    }
    for (const [bound, before] of left) {
      if (before !== object) object = await this.#apply(bound, { ...request, object });
    }
    return object;
  }

  async #apply({ policy, binding, params, problem }: Bound, request: AdmissionRequest): Promise<KubeObject> {
    const object = objectOf(request, request.kind);
    try {
      if (problem !== undefined) throw new MutationError(`failed to configure binding: ${problem}`);
      return await withRights(this.#authorizer, request.user, (ask) => params.reduce<KubeObject>((current, each) => {
        const objects = this.#objects;
        return mutated(policy, request.kind, current, (seen, scope) => policyVariables({ ...request, object: seen }, ask, objects, each, scope));
      }, object));
    } catch (error) {
      if (!(error instanceof MutationError)) throw error;
      if (policy.spec.failurePolicy === "Ignore") return object;
      throw denial(request, `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${error.message}`);
    }
  }
}

function denial(request: AdmissionRequest, why: string): StatusError {
  const { body } = refuse(request, why, { message: why });
  return new StatusError({ ...body, reason: "Invalid", code: 422 });
}
