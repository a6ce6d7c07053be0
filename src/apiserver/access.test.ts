import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SelfSubjectReview } from "#api/authentication/self-subject-review.ts";
import { TokenReview } from "#api/authentication/token-review.ts";
import { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from "#api/authorization/access-review.ts";
import type { TokenRequest } from "#api/authentication/token-request.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { ClusterRoleBinding } from "#api/rbac/cluster-role-binding.ts";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import { RoleBinding } from "#api/rbac/role-binding.ts";
import { Role } from "#api/rbac/role.ts";
import { PriorityClass } from "#api/scheduling/priority-class.ts";
import { bootstrapCluster } from "./bootstrap.ts";
import { allow } from "./authorization/default-roles/rule.ts";
import { reconcileDefaultRoles } from "./authorization/default-roles/reconcile.ts";
import { type AccessServer, startAccessServer, testIssuer } from "./testing/access-server.ts";
import { credentials, someUser } from "./testing/requests.ts";

let api: AccessServer;
const ann = someUser("ann", "system:authenticated");

beforeAll(async () => {
  api = await startAccessServer({ controllers: [{ name: "deployment-controller", permissions: [allow("get list watch", "apps", "deployments")] }] });
  await api.of(ServiceAccount).create({ metadata: { namespace: "default", name: "default" } });
  await api.of(ServiceAccount).create({ metadata: { namespace: "default", name: "robot" } });
  await api.of(RoleBinding).create({
    metadata: { namespace: "default", name: "ann" }, subjects: [{ kind: "User", apiGroup: ClusterRole.group, name: "ann" }],
    roleRef: { apiGroup: ClusterRole.group, kind: "ClusterRole", name: "edit" },
  });
});

afterAll(async () => {
  await api.close();
  expect(api.errors).toEqual([]);
});

describe("a new cluster has", () => {
  test("its namespaces and priority classes", async () => {
    expect((await api.of(Namespace).list("")).items.map(({ metadata }) => metadata.name)).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    expect((await api.of(PriorityClass).get("", "system-node-critical")).value).toBe(2_000_001_000);
  });

  test("default roles, those of people aggregated", async () => {
    const view = await api.of(ClusterRole).get("", "view");
    expect(view.metadata).toMatchObject({ labels: { "kubernetes.io/bootstrapping": "rbac-defaults" }, annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" } });
    const admin = await api.of(ClusterRole).get("", "admin");
    expect(admin.rules?.length).toBeGreaterThan(view.rules?.length ?? 0);
    expect((await api.of(Role).list("kube-system")).items.map(({ metadata }) => metadata.name)).toContain("extension-apiserver-authentication-reader");
  });

  test("a role for each controller", async () => {
    const may = (name: string): Promise<unknown> => api.of(ClusterRole, someUser(name)).list("").then(() => true, () => false);
    const controller = someUser("system:serviceaccount:kube-system:deployment-controller");
    expect((await api.access.authorizer.authorize(controller, { path: "", verb: "list", resource: { group: "apps", version: "v1", resource: "deployments", namespace: "", name: "" } })).outcome).toBe("allow");
    expect(await may(controller.name)).toBe(false);
  });
});

test("extensions are told whom to believe, anew when that changes", async () => {
  const published = async (clients: string): Promise<unknown> => {
    await bootstrapCluster(api, [], { clients, frontProxy: { authority: "proxy", allowedNames: ["front"] } });
    return (await api.of(ConfigMap).get("kube-system", "extension-apiserver-authentication")).data;
  };
  expect(await published("one")).toMatchObject({ "client-ca-file": "one", "requestheader-client-ca-file": "proxy", "requestheader-allowed-names": '["front"]' });
  expect(await published("two")).toMatchObject({ "client-ca-file": "two" });
});

test("starting again changes nothing, and mends what is missing", async () => {
  const roles = api.of(ClusterRole);
  const before = await roles.get("", "system:basic-user");
  await reconcileDefaultRoles(api, []);
  expect((await roles.get("", "system:basic-user")).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  const own = allow("get", "acme.com", "widgets");
  await roles.update({ ...before, rules: [own] });
  const binding = await api.of(ClusterRoleBinding).get("", "system:basic-user");
  await api.of(ClusterRoleBinding).update({ ...binding, subjects: [] });
  await reconcileDefaultRoles(api, []);
  expect((await roles.get("", "system:basic-user")).rules).toHaveLength(1 + 3);
  expect((await api.of(ClusterRoleBinding).get("", "system:basic-user")).subjects).toHaveLength(1);
});

test("a user does what the role allows, and no more", async () => {
  await api.of(ConfigMap, ann).create({ metadata: { namespace: "default", name: "hers" } });
  await expect(api.of(ConfigMap, ann).list("")).rejects.toThrow('configmaps is forbidden: User "ann" cannot list resource "configmaps" in API group "" at the cluster scope');
  await expect(api.of(Role, ann).create({ metadata: { namespace: "default", name: "r" }, rules: [] })).rejects.toMatchObject({ code: 403 });
});

describe("access reviews", () => {
  test.each([
    [{ resourceAttributes: { verb: "create", resource: "pods", namespace: "default" } }, true],
    [{ resourceAttributes: { verb: "create", resource: "pods", namespace: "web" } }, false],
    [{ resourceAttributes: { verb: "get", resource: "pods", subresource: "log", namespace: "default" } }, true],
    [{ nonResourceAttributes: { verb: "get", path: "/api" } }, true],
    [{ nonResourceAttributes: { verb: "get", path: "/metrics" } }, false],
  ])("of oneself: %o → %s", async (spec, allowed) => {
    expect((await api.of(SelfSubjectAccessReview, ann).create({ spec })).status.allowed).toBe(allowed);
  });

  test("of others", async () => {
    const spec = { user: "ann", groups: ["system:authenticated"], resourceAttributes: { verb: "create", resource: "pods", namespace: "default" } };
    expect((await api.of(SubjectAccessReview).create({ spec })).status).toEqual({
      allowed: true, reason: 'RBAC: allowed by RoleBinding "ann/default" of ClusterRole "edit" to User "ann"',
    });
    const local = { metadata: { namespace: "default" }, spec };
    expect((await api.of(LocalSubjectAccessReview).create(local)).status.allowed).toBe(true);
    await expect(api.of(LocalSubjectAccessReview).create({ ...local, metadata: { namespace: "kube-system" } })).rejects.toMatchObject({ code: 422 });
    await expect(api.of(SubjectAccessReview).create({ spec: { resourceAttributes: {} } })).rejects.toMatchObject({ code: 422 });
    await expect(api.of(SubjectAccessReview, ann).create({ spec })).rejects.toMatchObject({ code: 403 });
  });

  test("of everything", async () => {
    const { status } = await api.of(SelfSubjectRulesReview, ann).create({ spec: { namespace: "default" } });
    expect(status.incomplete).toBe(false);
    expect(status.resourceRules.some(({ resources }) => resources?.includes("pods/exec"))).toBe(true);
    expect(status.nonResourceRules.some(({ nonResourceURLs }) => nonResourceURLs?.includes("/healthz"))).toBe(true);
  });

  test("who am I", async () => {
    expect((await api.of(SelfSubjectReview, ann).create({})).status.userInfo).toEqual({ username: "ann", groups: ["system:authenticated"] });
  });
});

describe("tokens", () => {
  const ask = (spec: object, name = "robot"): Promise<TokenRequest> =>
    api.of(ServiceAccount).subresource("create", "default", name, "token", { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec }) as Promise<TokenRequest>;

  test("are issued, taken and reviewed", async () => {
    const { spec, status } = await ask({ expirationSeconds: 600 });
    expect(spec.audiences).toEqual([testIssuer]);
    const token = status.token ?? "";
    const user = await api.access.authenticator.authenticate(credentials({ token }));
    expect(user).toMatchObject({ name: "system:serviceaccount:default:robot", groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"] });
    expect((await api.of(TokenReview).create({ spec: { token } })).status).toMatchObject({ authenticated: true, audiences: [testIssuer], user: { username: user?.name } });
    expect((await api.of(TokenReview).create({ spec: { token, audiences: ["vault"] } })).status).toEqual({ authenticated: false, error: "invalid bearer token" });
    expect((await api.of(TokenReview).create({ spec: { token: "nonsense" } })).status).toEqual({ authenticated: false, error: "invalid bearer token" });
  });

  test("are bound to a pod, its node with it, and end with it", async () => {
    const node = await api.of(Node).create({ metadata: { name: "one" } });
    const pod = await api.of(Pod).create({ metadata: { namespace: "default", name: "p" }, spec: { nodeName: "one", serviceAccountName: "robot", containers: [{ name: "a", image: "b" }] } });
    const { status } = await ask({ boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "p", uid: pod.metadata.uid }, expirationSeconds: 3607 });
    const token = status.token ?? "";
    expect((await api.access.authenticator.authenticate(credentials({ token })))?.extra).toMatchObject({
      "authentication.kubernetes.io/pod-name": ["p"], "authentication.kubernetes.io/node-uid": [node.metadata.uid],
    });
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp: number; iat: number; "kubernetes.io": { warnafter: number } };
    expect(claims.exp - claims.iat).toBe(365 * 24 * 3600);
    expect(claims["kubernetes.io"].warnafter - claims.iat).toBe(3607);
    expect(Date.parse(status.expirationTimestamp ?? "") / 1000 - claims.iat).toBe(3607);
    await expect(ask({ boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "p" } }, "default")).rejects.toMatchObject({ code: 400 });
    await api.of(Pod).delete("default", "p", { gracePeriodSeconds: 0 });
    await expect(api.access.authenticator.authenticate(credentials({ token }))).rejects.toMatchObject({ code: 401 });
  });

  test.each([
    [{ expirationSeconds: 60 }, "robot", "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes"],
    [{}, "ghost", 'serviceaccounts "ghost" not found'],
    [{ boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "ghost" } }, "robot", 'pods "ghost" not found'],
    [{ boundObjectRef: { apiVersion: "v1", kind: "Service", name: "s" } }, "robot", "cannot bind token to object of type v1, Kind=Service"],
  ])("%o for %s is refused", async (spec, name, why) => {
    await expect(ask(spec, name)).rejects.toThrow(why);
  });
});
