import { describe, expect, test } from "vitest";
import { ClusterRoleBinding } from "#api/rbac/cluster-role-binding.ts";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import { RoleBinding } from "#api/rbac/role-binding.ts";
import { Role } from "#api/rbac/role.ts";
import type { New } from "#machinery/kind.ts";
import { allow } from "../../authorization/default-roles/rule.ts";
import { RoleAuthorizer } from "../../authorization/rbac/authorizer.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { someUser } from "../../testing/requests.ts";
import { admit } from "../../testing/writes.ts";
import { RoleEscalation } from "./role-escalation.ts";

const rbac = "rbac.authorization.k8s.io";

function plugin(): RoleEscalation {
  const objects = new FakeObjects();
  const give = (user: string, ...rules: readonly ReturnType<typeof allow>[]): void => {
    objects.put(ClusterRole, { metadata: { name: user }, rules });
    objects.put(RoleBinding, { metadata: { namespace: "web", name: user }, subjects: [{ kind: "User", name: user }], roleRef: { kind: "ClusterRole", name: user } });
  };
  give("ann", allow("get list", "", "pods"));
  give("binder", allow("bind", rbac, "clusterroles", "powerful"));
  give("escalator", allow("escalate", rbac, "roles"));
  objects.put(ClusterRole, { metadata: { name: "powerful" }, rules: [allow("*", "*", "*")] });
  const roles = new RoleAuthorizer(objects);
  return new RoleEscalation(roles, roles);
}

const role = (...rules: readonly ReturnType<typeof allow>[]): New<Role> => ({ metadata: { namespace: "web", name: "r" }, rules });
const binding = (name: string): New<RoleBinding> => ({ metadata: { namespace: "web", name: "b" }, subjects: [{ kind: "User", name: "x" }], roleRef: { kind: "ClusterRole", name } });

describe("a role", () => {
  test.each([
    ["ann", "what she has", role(allow("get", "", "pods")), true],
    ["ann", "more than she has", role(allow("get delete", "", "pods")), false],
    ["escalator", "anything", role(allow("*", "*", "*")), true],
  ])("%s gives %s", async (name, _what, object, allowed) => {
    const writing = admit(plugin(), Role, { user: someUser(name), object });
    if (allowed) await writing;
    else await expect(writing).rejects.toMatchObject({ code: 403 });
  });

  test("the refusal says what is missing", async () => {
    await expect(admit(plugin(), Role, { user: someUser("ann", "dev"), object: role(allow("get delete", "", "pods")) })).rejects.toThrow(
      'roles.rbac.authorization.k8s.io "r" is forbidden: user "ann" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    );
  });

  test("that stays what it was may be labelled", async () => {
    const rules = role(allow("*", "*", "*"));
    await admit(plugin(), Role, { user: someUser("ann"), object: { ...rules, metadata: { namespace: "web", name: "r", labels: { a: "b" } } }, oldObject: rules });
  });

  test("aggregated is for those who may do everything", async () => {
    const object: New<ClusterRole> = { metadata: { name: "sum" }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } };
    await expect(admit(plugin(), ClusterRole, { user: someUser("ann"), object })).rejects.toThrow("must have cluster-admin privileges to use an aggregationRule");
    await admit(plugin(), ClusterRole, { user: someUser("root", "system:masters"), object });
  });
});

describe("a binding", () => {
  test.each([
    ["ann", "ann", true],
    ["ann", "powerful", false],
    ["binder", "powerful", true],
  ])("%s binds %s", async (user, name, allowed) => {
    const writing = admit(plugin(), RoleBinding, { user: someUser(user), object: binding(name) });
    if (allowed) await writing;
    else await expect(writing).rejects.toMatchObject({ code: 403 });
  });

  test("of a role that is not there", async () => {
    await expect(admit(plugin(), RoleBinding, { user: someUser("ann"), object: binding("ghost") })).rejects.toThrow('clusterroles.rbac.authorization.k8s.io "ghost" not found');
  });

  test("in the whole cluster needs the rules there", async () => {
    const object: New<ClusterRoleBinding> = { metadata: { name: "b" }, subjects: [], roleRef: { kind: "ClusterRole", name: "ann" } };
    await expect(admit(plugin(), ClusterRoleBinding, { user: someUser("ann"), object })).rejects.toMatchObject({ code: 403 });
  });
});
