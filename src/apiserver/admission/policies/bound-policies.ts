import type { MatchResources, ParamKind, ParamRef } from "#api/generated/admissionregistration-v1.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionRequest } from "../admission.ts";
import { isExempt, matchesRule } from "../webhooks/matching.ts";
import { selectsNamespace, selectsObject } from "../webhooks/selectors.ts";

/** The parts that policies of either sort have in common. */
export interface AnyPolicy extends KubeObject {
  readonly spec: { readonly paramKind?: ParamKind; readonly matchConstraints?: MatchResources };
}

export interface AnyBinding extends KubeObject {
  readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef; readonly matchResources?: MatchResources };
}

/** What a policy's settings are for one request. */
interface Settings {
  /** Once for each object with settings; `null` where the policy has none. */
  readonly params: readonly (KubeObject | null)[];
  /** Why the settings cannot be found, though they have to be. */
  readonly problem?: string;
}

/** A policy that is to be asked about a request, by one of its bindings. */
export interface BoundPolicy<Policy, Binding> extends Settings {
  readonly policy: Policy;
  readonly binding: Binding;
}

/** The policies of one sort that are bound, in the order of their names. */
export class BoundPolicies<Policy extends AnyPolicy, Binding extends AnyBinding> {
  readonly #objects: Objects;
  readonly #policyKind: KindReference<Policy>;
  readonly #bindingKind: KindReference<Binding>;
  #pairs: readonly { readonly policy: Policy; readonly binding: Binding }[] | undefined;

  constructor(objects: Objects, policyKind: KindReference<Policy>, bindingKind: KindReference<Binding>) {
    this.#objects = objects;
    this.#policyKind = policyKind;
    this.#bindingKind = bindingKind;
    objects.subscribe(policyKind, () => (this.#pairs = undefined));
    objects.subscribe(bindingKind, () => (this.#pairs = undefined));
  }

  mayConcern(request: AdmissionRequest): boolean {
    return this.#all().length > 0 && !isExempt(request);
  }

  /** @throws StatusError (404) where the request's namespace is not there */
  concerned(request: AdmissionRequest): readonly BoundPolicy<Policy, Binding>[] {
    return this.#all()
      .filter(({ policy, binding }) => matches(policy.spec.matchConstraints, request, this.#objects)
        && (binding.spec.matchResources === undefined || matches(binding.spec.matchResources, request, this.#objects)))
      .map(({ policy, binding }) => ({ policy, binding, ...this.#settings(policy, binding, request) }));
  }

  /** @returns none where the binding says that the policy does not count without them */
  #settings({ spec: { paramKind } }: Policy, { spec: { paramRef } }: Binding, { namespace }: AdmissionRequest): Settings {
    if (!paramKind) return { params: [null] };
    const kind = this.#objects.kindOf(paramKind.apiVersion ?? "", paramKind.kind ?? "");
    if (!kind) return { params: [], problem: `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'` };
    if (!paramRef) return { params: [null] };
    const place = kind.namespaced ? (paramRef.namespace ?? namespace) : "";
    if (kind.namespaced && place === "") {
      return { params: [], problem: "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources" };
    }
    const params = this.#find(kind, place, paramRef);
    if (params.length > 0 || paramRef.parameterNotFoundAction === "Allow") return { params };
    return { params, problem: "no params found for policy binding with `Deny` parameterNotFoundAction" };
  }

  #find(kind: KindReference, namespace: string, { name, selector }: ParamRef): readonly KubeObject[] {
    if (name) {
      const found = this.#objects.get(kind, namespace, name);
      return found ? [found] : [];
    }
    const selected = selectorFromObject(selector);
    return this.#objects.list(kind, namespace).filter(({ metadata }) => selected.matches(metadata.labels));
  }

  #all(): readonly { readonly policy: Policy; readonly binding: Binding }[] {
    this.#pairs ??= [...this.#objects.list(this.#bindingKind, "")]
      .flatMap((binding) => {
        const policy = this.#objects.get(this.#policyKind, "", binding.spec.policyName ?? "");
        return policy ? [{ policy, binding }] : [];
      })
      .sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
    return this.#pairs;
  }
}

function orderOf({ policy, binding }: { readonly policy: KubeObject; readonly binding: KubeObject }): string {
  return `${policy.metadata.name}/${binding.metadata.name}`;
}

function matches(resources: MatchResources | undefined, request: AdmissionRequest, objects: Objects): boolean {
  if (!resources) return false;
  const { kind: { group, version, plural }, operation, subresource, namespace, name } = request;
  const asked = { operation, namespace, address: { group, version, resource: plural }, ...(subresource === undefined ? {} : { subresource }) };
  const isIn = (rules: MatchResources["resourceRules"]): boolean => (rules ?? []).some((rule) =>
    matchesRule(rule, asked) && ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(name)));
  const { resourceRules, excludeResourceRules, namespaceSelector, objectSelector } = resources;
  return ((resourceRules ?? []).length === 0 || isIn(resourceRules)) && !isIn(excludeResourceRules)
    && selectsNamespace(namespaceSelector, request, objects) && selectsObject(objectSelector, request);
}
