import type { Column, Draft } from "#machinery/kind.ts";
import type { RoleRef, Subject } from "../generated/rbac-v1.ts";

/** What role bindings and cluster role bindings have in common. */
export interface AnyBinding {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

export const rbacGroup = "rbac.authorization.k8s.io";

export const bindingColumns: readonly Column<AnyBinding>[] = [
  { name: "Role", type: "string", description: "The role that is given.", value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
  subjectsColumn("Users", "User", ({ name }) => name),
  subjectsColumn("Groups", "Group", ({ name }) => name),
  subjectsColumn("ServiceAccounts", "ServiceAccount", ({ name, namespace = "" }) => `${namespace}/${name}`),
];

function subjectsColumn(name: string, kind: string, text: (subject: Subject) => string): Column<AnyBinding> {
  return {
    name, type: "string", priority: 1, description: `${name} that have the role by this.`,
    value: ({ subjects = [] }) => subjects.filter((subject) => subject.kind === kind).map(text).join(", "),
  };
}

export function defaultBinding({ roleRef, subjects }: Draft<AnyBinding>): void {
  if (roleRef !== undefined) roleRef.apiGroup ??= rbacGroup;
  for (const subject of subjects ?? []) {
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ??= rbacGroup;
  }
}
