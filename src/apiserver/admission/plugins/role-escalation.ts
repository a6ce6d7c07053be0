import type { PolicyRule, RoleRef } from "#api/generated/rbac-v1.ts";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import { ClusterRoleBinding } from "#api/rbac/cluster-role-binding.ts";
import { RoleBinding } from "#api/rbac/role-binding.ts";
import { Role } from "#api/rbac/role.ts";
import { equal } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { notFound } from "#machinery/status-error.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { RoleAuthorizer } from "../../authorization/rbac/authorizer.ts";
import { uncoveredRules } from "../../authorization/rbac/coverage.ts";
import { describeRule, describeUser } from "../../authorization/rbac/describe.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isOfKind, oldObjectOf, refuse, writes } from "../of-kind.ts";

type RoleLike = KubeObject & { readonly rules?: readonly PolicyRule[]; readonly aggregationRule?: object };
type BindingLike = KubeObject & { readonly roleRef: RoleRef; readonly subjects?: readonly unknown[] };

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/** Nobody gives away what they do not have, except by the verbs `escalate` (on roles) and `bind` (on the role that is bound). */
export class RoleEscalation implements AdmissionPlugin {
  readonly name = "RoleEscalation";
  readonly #authorizer: Authorizer;
  readonly #roles: RoleAuthorizer;

  /** @param authorizer all of them together, which decides on `escalate` and `bind` */
  constructor(authorizer: Authorizer, roles: RoleAuthorizer) {
    this.#authorizer = authorizer;
    this.#roles = roles;
  }

  handles(request: AdmissionRequest): boolean {
    return [Role, ClusterRole, RoleBinding, ClusterRoleBinding].some((kind) => writes(request, kind, "CREATE", "UPDATE"))
      && !request.user.groups.includes("system:masters");
  }

  async validate(request: AdmissionRequest): Promise<void> {
    if (isOfKind(request, Role) || isOfKind(request, ClusterRole)) await this.#checkRole(request);
    else await this.#checkBinding(request);
  }

  async #checkRole(request: AdmissionRequest): Promise<void> {
    const { rules = [], aggregationRule } = request.object as RoleLike;
    const old = oldObjectOf(request, request.kind) as RoleLike | undefined;
    if (old && equal(rules, old.rules ?? []) && equal(aggregationRule, old.aggregationRule)) return;
    if (await this.#may(request, "escalate", request.kind.plural, request.namespace, request.name)) return;
    if (aggregationRule && !equal(aggregationRule, old?.aggregationRule) && this.#lacking(request, everything).length > 0) {
      throw refuse(request, "must have cluster-admin privileges to use an aggregationRule");
    }
    this.#requireHeld(request, rules);
  }

  async #checkBinding(request: AdmissionRequest): Promise<void> {
    const { roleRef, subjects = [] } = request.object as BindingLike;
    const old = oldObjectOf(request, request.kind) as BindingLike | undefined;
    if (old && equal(subjects, old.subjects ?? []) && equal(roleRef, old.roleRef)) return;
    const plural = roleRef.kind === "ClusterRole" ? ClusterRole.plural : Role.plural;
    if (await this.#may(request, "bind", plural, request.namespace, roleRef.name)) return;
    const rules = this.#roles.rulesOfRole(roleRef.kind, roleRef.name, request.namespace);
    if (!rules) throw notFound({ group: ClusterRole.group, resource: plural }, roleRef.name);
    this.#requireHeld(request, rules);
  }

  #requireHeld(request: AdmissionRequest, rules: readonly PolicyRule[]): void {
    const lacking = this.#lacking(request, rules);
    if (lacking.length === 0) return;
    throw refuse(request, `user ${describeUser(request.user)} is attempting to grant RBAC permissions not currently held:\n` +
      lacking.map(describeRule).join("\n"));
  }

  #lacking({ user, namespace }: AdmissionRequest, rules: readonly PolicyRule[]): readonly PolicyRule[] {
    return uncoveredRules(this.#roles.rulesOf(user, namespace).rules, rules);
  }

  async #may({ user }: AdmissionRequest, verb: string, resource: string, namespace: string, name: string): Promise<boolean> {
    const asked = { group: ClusterRole.group, version: ClusterRole.version, resource, namespace, name };
    return (await this.#authorizer.authorize(user, { path: "", verb, resource: asked })).outcome === "allow";
  }
}
