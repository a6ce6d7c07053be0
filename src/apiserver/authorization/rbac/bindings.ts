import type { ClusterRole as ClusterRoleObject, PolicyRule, Role as RoleObject, RoleRef, Subject } from "#api/generated/rbac-v1.ts";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import { ClusterRoleBinding } from "#api/rbac/cluster-role-binding.ts";
import { Role } from "#api/rbac/role.ts";
import { RoleBinding } from "#api/rbac/role-binding.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { serviceAccountUserName } from "../../authentication/service-account/name.ts";
import type { Objects, User } from "../../request.ts";

/** Who is given which role, and where. */
export type Binding = KubeObject & { readonly subjects?: readonly Subject[]; readonly roleRef: RoleRef };

/** A binding that a user is in. */
export interface Grant {
  readonly binding: Binding;
  readonly subject: Subject;
}

/**
 * All bindings by scope and subject, kept up to date by watching, so that a decision looks only at those of the user who asks.
 * Scope "" is the cluster's. Roles are looked up when asked for: `Objects` already has them by name.
 */
export class BindingIndex {
  readonly #objects: Objects;
  readonly #scopes = new Map<string, Map<string, Map<string, Grant>>>();

  constructor(objects: Objects) {
    this.#objects = objects;
    this.#follow(ClusterRoleBinding);
    this.#follow(RoleBinding);
  }

  /** The grants of a user in the cluster's scope (""), or in one namespace. */
  *grants(user: User, namespace: string): Iterable<Grant> {
    const scope = this.#scopes.get(namespace);
    if (!scope) return;
    yield* scope.get(`User:${user.name}`)?.values() ?? [];
    for (const group of user.groups) yield* scope.get(`Group:${group}`)?.values() ?? [];
  }

  /** The rules of the role that a binding in `namespace` refers to; `undefined` where there is no such role. */
  rules({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const role: ClusterRoleObject | RoleObject | undefined =
      kind === "ClusterRole" ? this.#objects.get(ClusterRole, "", name) : this.#objects.get(Role, namespace, name);
    return role && (role.rules ?? []);
  }

  #follow<T extends Binding>(kind: KindReference<T>): void {
    this.#objects.subscribe(kind, (after, before) => {
      if (before) this.#remove(before);
      if (after) this.#add(after);
    });
    for (const binding of this.#objects.list(kind, "")) this.#add(binding);
  }

  #add(binding: Binding): void {
    const namespace = binding.metadata.namespace ?? "";
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      const scope = ensure(this.#scopes, namespace, () => new Map<string, Map<string, Grant>>());
      ensure(scope, key, () => new Map<string, Grant>()).set(binding.metadata.name, { binding, subject });
    }
  }

  #remove(binding: Binding): void {
    const namespace = binding.metadata.namespace ?? "";
    const scope = this.#scopes.get(namespace);
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      const grants = scope?.get(key);
      grants?.delete(binding.metadata.name);
      if (grants?.size === 0) scope?.delete(key);
    }
    if (scope?.size === 0) this.#scopes.delete(namespace);
  }
}

/** A service account is a user with a name of its own kind; its namespace defaults to the binding's. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  return kind === "ServiceAccount" ? `User:${serviceAccountUserName(namespace || bindingNamespace, name)}` : `${kind}:${name}`;
}

function ensure<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
