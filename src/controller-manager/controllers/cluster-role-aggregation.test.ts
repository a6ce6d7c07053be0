import { expect, test } from "vitest";
import type { ClusterRole } from "#api/rbac/cluster-role.ts";
import { epoch, metadataOf } from "../testing/objects.ts";
import { allow } from "../rules.ts";
import { keyOf } from "../runtime.ts";
import { clusterRoleAggregationController as controller } from "./cluster-role-aggregation.ts";

const label = { "acme.com/aggregate-to-sum": "true" };
const pods = allow("get", "", "pods");
const nodes = allow("get", "", "nodes");

function role(name: string, more: Partial<ClusterRole>, labels: { readonly [label: string]: string } = {}): ClusterRole {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: metadataOf(name, { labels }), ...more };
}

const sum = (rules: ClusterRole["rules"]): ClusterRole => role("sum", { rules, aggregationRule: { clusterRoleSelectors: [{ matchLabels: label }] } }, label);
const world = (...roles: readonly ClusterRole[]): never => ({ of: () => ({ list: () => roles }) }) as never;

function rulesAfter(aggregated: ClusterRole, ...others: readonly ClusterRole[]): ClusterRole["rules"] {
  const [write] = controller.reconcile(aggregated, controller.observe(aggregated, world(aggregated, ...others)), epoch).writes ?? [];
  return write && "object" in write ? (write.object as ClusterRole).rules : undefined;
}

test("an aggregated role has the rules of all that it selects, in a fixed order, each once", () => {
  expect(rulesAfter(sum([]), role("b", { rules: [nodes, pods] }, label), role("a", { rules: [pods] }, label), role("c", { rules: [nodes] }))).toEqual([pods, nodes]);
});

test("nothing is written while nothing changes, and what is selected no more is taken away", () => {
  expect(rulesAfter(sum([pods]), role("a", { rules: [pods] }, label))).toBeUndefined();
  expect(rulesAfter(sum([pods]))).toEqual([]);
});

test("other roles are left alone", () => {
  expect(rulesAfter(role("plain", { rules: [pods] }), role("a", { rules: [nodes] }, label))).toBeUndefined();
});

test("a role wakes all aggregated ones", () => {
  expect([...controller.watches![0]!.keys(role("a", {}), world(sum([]), role("plain", {})))]).toEqual([keyOf("", "sum")]);
});
