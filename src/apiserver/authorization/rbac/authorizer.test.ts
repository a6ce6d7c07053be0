import { describe, expect, test } from "vitest";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import { ClusterRoleBinding } from "#api/rbac/cluster-role-binding.ts";
import { Role } from "#api/rbac/role.ts";
import { RoleBinding } from "#api/rbac/role-binding.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { ask, someUser } from "../../testing/requests.ts";
import { forbiddenRequest } from "../denial.ts";
import { RoleAuthorizer } from "./authorizer.ts";

function world(): FakeObjects {
  const objects = new FakeObjects();
  objects.put(ClusterRole, { metadata: { name: "reader" }, rules: [
    { verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"] },
    { verbs: ["get"], nonResourceURLs: ["/healthz", "/logs/*"] },
  ] });
  objects.put(ClusterRole, { metadata: { name: "scaler" }, rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*/scale"] }] });
  objects.put(ClusterRole, { metadata: { name: "all" }, rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] });
  objects.put(Role, { metadata: { namespace: "web", name: "one-secret" }, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["key"] }] });
  const bind = (name: string, kind: string, subject: string): void => void objects.put(ClusterRoleBinding, {
    metadata: { name: `${name}-${subject}` }, subjects: [{ kind, name: subject }], roleRef: { kind: "ClusterRole", name },
  });
  bind("reader", "User", "ann");
  bind("scaler", "Group", "scalers");
  objects.put(RoleBinding, { metadata: { namespace: "web", name: "all" }, subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "tools" }], roleRef: { kind: "ClusterRole", name: "all" } });
  objects.put(RoleBinding, { metadata: { namespace: "web", name: "secret" }, subjects: [{ kind: "User", name: "ann" }], roleRef: { kind: "Role", name: "one-secret" } });
  return objects;
}

describe("roles", () => {
  const ann = someUser("ann", "system:authenticated");
  const scaler = someUser("sam", "scalers");
  const robot = someUser("system:serviceaccount:tools:robot", "system:serviceaccounts");
  test.each([
    [ann, "get pods web/a", true],
    [ann, "list pods", true],
    [ann, "get pods/log web/a", true],
    [ann, "get pods/exec web/a", false],
    [ann, "delete pods web/a", false],
    [ann, "get pods.metrics.k8s.io web/a", false],
    [ann, "get /healthz", true],
    [ann, "get /logs/kubelet", true],
    [ann, "get /metrics", false],
    [ann, "get secrets web/key", true],
    [ann, "get secrets web/other", false],
    [ann, "list secrets web", false],
    [ann, "get secrets shop/key", false],
    [scaler, "update deployments.apps/scale web/a", true],
    [scaler, "update deployments.apps web/a", false],
    [robot, "delete deployments.apps web/a", true],
    [robot, "delete deployments.apps shop/a", false],
    [robot, "get nodes", false],
  ] as const)("%o: %s → %s", (user, question, allowed) => {
    expect(new RoleAuthorizer(world()).authorize(user, ask(question)).outcome).toBe(allowed ? "allow" : "none");
  });

  test("an allowance says where it comes from", () => {
    const { reason } = new RoleAuthorizer(world()).authorize(robot, ask("delete deployments.apps web/a"));
    expect(reason).toBe('RBAC: allowed by RoleBinding "all/web" of ClusterRole "all" to ServiceAccount "robot/tools"');
  });

  test("follows bindings and roles as they change", () => {
    const objects = world();
    const authorizer = new RoleAuthorizer(objects);
    const asked = ask("get pods web/a");
    expect(authorizer.authorize(ann, asked).outcome).toBe("allow");
    objects.delete(ClusterRole, "", "reader");
    expect(authorizer.authorize(ann, asked)).toEqual({ outcome: "none", reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "reader" not found' });
    objects.delete(ClusterRoleBinding, "", "reader-ann");
    expect(authorizer.authorize(ann, asked)).toEqual({ outcome: "none", reason: "" });
    objects.put(RoleBinding, { metadata: { namespace: "web", name: "secret" }, subjects: [{ kind: "User", name: "bob" }], roleRef: { kind: "Role", name: "one-secret" } });
    expect(authorizer.authorize(ann, ask("get secrets web/key")).outcome).toBe("none");
    expect(authorizer.authorize(someUser("bob"), ask("get secrets web/key")).outcome).toBe("allow");
  });
});

describe("denials are worded as clients know them", () => {
  const ann = someUser("ann");
  test.each([
    ["list pods web", 'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "web"'],
    ["get deployments.apps/scale web/a", 'deployments.apps "a" is forbidden: User "ann" cannot get resource "deployments/scale" in API group "apps" in the namespace "web"'],
    ["list nodes", 'nodes is forbidden: User "ann" cannot list resource "nodes" in API group "" at the cluster scope'],
    ["get /metrics", 'forbidden: User "ann" cannot get path "/metrics"'],
  ])("%s", (question, message) => {
    expect(forbiddenRequest(ann, ask(question), "").message).toBe(message);
  });
});
