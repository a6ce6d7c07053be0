import { ValidatingAdmissionPolicyBinding } from "#api/admissionregistration/validating-admission-policy-binding.ts";
import { ValidatingAdmissionPolicy } from "#api/admissionregistration/validating-admission-policy.ts";
import { StatusError } from "#machinery/status-error.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { refuse } from "../of-kind.ts";
import { BoundPolicies, type BoundPolicy } from "../policies/bound-policies.ts";
import { type Objection, objectionsOf } from "../policies/decide.ts";
import { withRights } from "../policies/rights.ts";
import { policyVariables } from "../policies/variables.ts";

type Bound = BoundPolicy<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>;

const codes: { readonly [reason: string]: number } = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413, Invalid: 422 };

/** Holds requests to the rules in CEL that are bound (Kubernetes "Validating Admission Policy"). */
export class ValidatingAdmissionPolicies implements AdmissionPlugin {
  readonly name = "ValidatingAdmissionPolicy";
  readonly #objects: Objects;
  readonly #authorizer: Authorizer;
  readonly #policies: BoundPolicies<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>;

  constructor(objects: Objects, authorizer: Authorizer) {
    this.#objects = objects;
    this.#authorizer = authorizer;
    this.#policies = new BoundPolicies(objects, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding);
  }

  handles(request: AdmissionRequest): boolean {
    return this.#policies.mayConcern(request);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const bound of this.#policies.concerned(request)) {
      const { validationActions: actions } = bound.binding.spec;
      const [objection] = await this.#objections(bound, request);
      if (!objection) continue;
      const by = `ValidatingAdmissionPolicy '${bound.policy.metadata.name}' with binding '${bound.binding.metadata.name}'`;
      if (actions.includes("Warn")) request.warn(`Validation failed for ${by}: ${objection.message}`);
      if (actions.includes("Deny")) throw denial(request, by, objection);
    }
  }

  async #objections({ policy, params, problem }: Bound, request: AdmissionRequest): Promise<readonly Objection[]> {
    if (problem !== undefined) {
      return policy.spec.failurePolicy === "Ignore" ? [] : [{ message: `failed to configure binding: ${problem}`, reason: undefined }];
    }
    return withRights(this.#authorizer, request.user, (ask) => params.flatMap((each) =>
      objectionsOf(policy, (scope) => policyVariables(request, ask, this.#objects, each, scope))));
  }
}

function denial(request: AdmissionRequest, by: string, { message, reason = "Invalid" }: Objection): StatusError {
  const why = `${by} denied request: ${message}`;
  const { body } = refuse(request, why, { message: why });
  return new StatusError({ ...body, reason: reason as StatusError["reason"], code: codes[reason] ?? 422 });
}
