import { expect } from "vitest";
import { SelfSubjectReview } from "#api/authentication/self-subject-review.ts";
import { TokenReview } from "#api/authentication/token-review.ts";
import { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from "#api/authorization/access-review.ts";
import { Endpoints } from "#api/core/endpoints.ts";
import { Node } from "#api/core/node.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { conformance } from "../conformance.ts";

conformance("[sig-architecture] Conformance Tests should have at least two untainted nodes [Conformance]", async ({ of, until }) => {
  await until("two nodes take pods", async () => (await of(Node).list("")).items.filter(({ spec }) => (spec.taints ?? []).length === 0).length >= 2);
});

conformance(
  "[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]",
  async ({ of, namespace }) => {
    await of(ServiceAccount).create({ metadata: { namespace, name: "sa" } });
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences: [], expirationSeconds: 3600 } };
    const issued = await of(ServiceAccount).createSubresource<{ readonly status: { readonly token: string } }>(namespace, "sa", "token", request);
    const { status } = await of(TokenReview).create({ spec: { token: issued.status.token } });
    expect(status).toMatchObject({ authenticated: true, user: { username: `system:serviceaccount:${namespace}:sa` } });
  },
);

conformance("[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]", async ({ of, cluster, namespace }) => {
  const name = `system:serviceaccount:${namespace}:sa`;
  const asAccount = cluster.client({ name, groups: ["system:authenticated"], extra: {} });
  expect((await asAccount.of(SelfSubjectReview).create({})).status.userInfo?.username).toBe(name);
  const resourceAttributes = { verb: "list", resource: "configmaps", version: "v1", namespace };
  expect((await of(SubjectAccessReview).create({ spec: { user: name, resourceAttributes } })).status?.allowed).toBe(false);
  const local = { metadata: { namespace }, spec: { user: name, resourceAttributes } };
  expect((await of(LocalSubjectAccessReview).create(local)).status?.allowed).toBe(false);
  expect((await asAccount.of(SelfSubjectAccessReview).create({ spec: { resourceAttributes } })).status?.allowed).toBe(false);
  expect((await of(SelfSubjectAccessReview).create({ spec: { resourceAttributes } })).status?.allowed).toBe(true);
});

conformance("[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]", async ({ of }) => {
  const endpoints = await of(Endpoints).get("default", "kubernetes");
  expect(endpoints.subsets).toHaveLength(1);
  const { items } = await of(EndpointSlice).list("default", { labelSelector: "kubernetes.io/service-name=kubernetes" });
  expect(items.length).toBeGreaterThan(0);
  const addresses = items.flatMap((slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses));
  expect(addresses).toEqual(endpoints.subsets?.[0]?.addresses?.map(({ ip }) => ip));
});
