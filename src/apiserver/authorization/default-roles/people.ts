import type { ClusterRole } from "#api/generated/rbac-v1.ts";
import type { New } from "#machinery/kind.ts";
import { allow, allowPaths, read, readWrite, write } from "./rule.ts";

const aggregateTo = (role: string): { readonly [label: string]: string } => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: "true" });
const aggregated = (role: string): New<ClusterRole["aggregationRule"]> => ({ clusterRoleSelectors: [{ matchLabels: aggregateTo(role) }] });

/** Roles for people and their programs: from finding out what there is, to everything. */
export const peopleRoles: readonly New<ClusterRole>[] = [
  {
    metadata: { name: "cluster-admin" },
    rules: [allow("*", "*", "*"), allowPaths("*", "*")],
  },
  { metadata: { name: "admin" }, aggregationRule: aggregated("admin") },
  { metadata: { name: "edit", labels: aggregateTo("admin") }, aggregationRule: aggregated("edit") },
  { metadata: { name: "view", labels: aggregateTo("edit") }, aggregationRule: aggregated("view") },
  {
    metadata: { name: "system:aggregate-to-admin", labels: aggregateTo("admin") },
    rules: [
      allow("create", "authorization.k8s.io", "localsubjectaccessreviews"),
      allow(readWrite, "rbac.authorization.k8s.io", "roles rolebindings"),
    ],
  },
  {
    metadata: { name: "system:aggregate-to-edit", labels: aggregateTo("edit") },
    rules: [
      allow(read, "", "pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy"),
      allow("impersonate", "", "serviceaccounts"),
      allow(write, "", "pods pods/attach pods/proxy pods/exec pods/portforward"),
      allow("create", "", "pods/eviction"),
      allow(write, "", "replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy"),
      allow(write, "", "persistentvolumeclaims configmaps secrets events"),
      allow("create", "", "serviceaccounts/token"),
      allow(write, "apps", "statefulsets statefulsets/scale daemonsets"),
      allow(write, "apps", "deployments deployments/scale deployments/rollback replicasets replicasets/scale"),
      allow(write, "autoscaling", "horizontalpodautoscalers"),
      allow(write, "batch", "jobs cronjobs"),
      allow(write, "policy", "poddisruptionbudgets"),
      allow(write, "networking.k8s.io", "networkpolicies ingresses"),
      allow(readWrite, "coordination.k8s.io", "leases"),
      allow(write, "resource.k8s.io", "resourceclaims resourceclaimtemplates"),
    ],
  },
  {
    metadata: { name: "system:aggregate-to-view", labels: aggregateTo("view") },
    rules: [
      allow(read, "", "pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status"),
      allow(read, "", "endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps"),
      allow(read, "", "limitranges resourcequotas bindings events"),
      allow(read, "", "pods/status resourcequotas/status namespaces/status replicationcontrollers/status pods/log"),
      allow(read, "", "namespaces"),
      allow(read, "discovery.k8s.io", "endpointslices"),
      allow(read, "apps", "controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status"),
      allow(read, "apps", "deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale"),
      allow(read, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
      allow(read, "batch", "jobs cronjobs cronjobs/status jobs/status"),
      allow(read, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
      allow(read, "networking.k8s.io", "networkpolicies ingresses ingresses/status"),
      allow(read, "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"),
    ],
  },
  // As those who install a metrics server get it with that.
  {
    metadata: { name: "system:aggregated-metrics-reader", labels: { ...aggregateTo("admin"), ...aggregateTo("edit"), ...aggregateTo("view") } },
    rules: [allow(read, "metrics.k8s.io", "pods nodes")],
  },
  {
    metadata: { name: "system:discovery" },
    rules: [allowPaths("get", "/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*")],
  },
  {
    metadata: { name: "system:basic-user" },
    rules: [
      allow("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
      allow("create", "authentication.k8s.io", "selfsubjectreviews"),
    ],
  },
  { metadata: { name: "system:public-info-viewer" }, rules: [allowPaths("get", "/livez /readyz /healthz /version /version/")] },
  {
    metadata: { name: "system:monitoring" },
    rules: [allowPaths("get", "/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/*")],
  },
  {
    metadata: { name: "system:service-account-issuer-discovery" },
    rules: [allowPaths("get", "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/")],
  },
];
