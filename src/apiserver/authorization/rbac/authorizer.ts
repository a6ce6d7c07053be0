import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import { quote } from "#machinery/quote.ts";
import type { Objects, RequestInfo, User } from "../../request.ts";
import type { Authorizer, Decision } from "../authorizer.ts";
import { BindingIndex, type Grant } from "./bindings.ts";
import { ruleAllows } from "./rules.ts";

/** The rules that a user has somewhere, and what could not be resolved. */
export interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

/** Role-based access control: what the roles bound to a user or to their groups allow. It never denies. */
export class RoleAuthorizer implements Authorizer {
  readonly name = "rbac";
  readonly #objects: Objects;
  #bindings: BindingIndex | undefined;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  authorize(user: User, request: RequestInfo): Decision {
    const errors: string[] = [];
    for (const { grant, rules } of this.#granted(user, request.resource?.namespace ?? "", errors)) {
      if (rules.some((rule) => ruleAllows(rule, request))) return { outcome: "allow", reason: `RBAC: allowed by ${describe(grant)}` };
    }
    return { outcome: "none", reason: errors.length === 0 ? "" : `RBAC: ${errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`}` };
  }

  /** Everything that a user may do in a namespace ("": in the cluster's scope). */
  rulesOf(user: User, namespace: string): UserRules {
    const errors: string[] = [];
    const rules = [...this.#granted(user, namespace, errors)].flatMap((granted) => granted.rules);
    return { rules, errors };
  }

  /** The rules of a role; `undefined` where there is none. `namespace` matters for `Role`. */
  rulesOfRole(kind: string, name: string, namespace: string): readonly PolicyRule[] | undefined {
    return this.#index().rules({ kind, name }, namespace);
  }

  *#granted(user: User, namespace: string, errors: string[]): Iterable<{ readonly grant: Grant; readonly rules: readonly PolicyRule[] }> {
    const index = this.#index();
    for (const scope of namespace === "" ? [""] : ["", namespace]) {
      for (const grant of index.grants(user, scope)) {
        const { roleRef } = grant.binding;
        const rules = index.rules(roleRef, scope);
        if (rules) yield { grant, rules };
        else errors.push(`${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${quote(roleRef.name)} not found`);
      }
    }
  }

  /** Built on the first decision, when the watch caches are filled. */
  #index(): BindingIndex {
    return (this.#bindings ??= new BindingIndex(this.#objects));
  }
}

function describe({ binding, subject }: Grant): string {
  const { name, namespace } = binding.metadata;
  const [kind, of] = namespace ? ["RoleBinding", `${name}/${namespace}`] : ["ClusterRoleBinding", name];
  const whom = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${kind} ${quote(of)} of ${binding.roleRef.kind} ${quote(binding.roleRef.name)} to ${subject.kind} ${quote(whom)}`;
}
