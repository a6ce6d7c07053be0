import type { ClusterRole, PolicyRule } from "#api/generated/rbac-v1.ts";
import type { New } from "#machinery/kind.ts";
import { allow, read, writeEvents } from "./rule.ts";

const mayAskWhoAndWhat: readonly PolicyRule[] = [
  allow("create", "authentication.k8s.io", "tokenreviews"),
  allow("create", "authorization.k8s.io", "subjectaccessreviews"),
];

const leadership = (name: string): readonly PolicyRule[] => [
  allow("create", "coordination.k8s.io", "leases"),
  allow("get list watch update", "coordination.k8s.io", "leases", name),
];

/** What a kubelet may do at all; the Node authorizer narrows it down to what concerns the node. */
export const nodeRules: readonly PolicyRule[] = [
  allow("create", "authentication.k8s.io", "tokenreviews"),
  allow("create", "authorization.k8s.io", "subjectaccessreviews localsubjectaccessreviews"),
  allow(read, "", "services"),
  allow("create get list watch", "", "nodes"),
  allow("update patch", "", "nodes/status"),
  allow("update patch", "", "nodes"),
  allow("create update patch", "", "events"),
  allow("create update patch", "events.k8s.io", "events"),
  allow(read, "", "pods"),
  allow("create delete", "", "pods"),
  allow("update patch", "", "pods/status"),
  allow("create", "", "pods/eviction"),
  allow(read, "", "secrets configmaps"),
  allow("get", "", "persistentvolumeclaims persistentvolumes"),
  allow("get update patch", "", "persistentvolumeclaims/status"),
  allow("get", "", "endpoints"),
  allow("create get list watch", "certificates.k8s.io", "certificatesigningrequests"),
  allow(read, "certificates.k8s.io", "clustertrustbundles"),
  allow("create get list watch", "certificates.k8s.io", "podcertificaterequests"),
  allow("get create update patch delete", "coordination.k8s.io", "leases"),
  allow("get", "storage.k8s.io", "volumeattachments"),
  allow(read, "storage.k8s.io", "csidrivers"),
  allow("get create update patch delete", "storage.k8s.io", "csinodes"),
  allow("create get", "", "serviceaccounts/token"),
  allow("get", "", "serviceaccounts"),
  allow(read, "node.k8s.io", "runtimeclasses"),
  allow("get", "resource.k8s.io", "resourceclaims"),
  allow("deletecollection", "resource.k8s.io", "resourceslices"),
  allow("get list watch create update patch delete", "resource.k8s.io", "resourceslices"),
];

const schedulerRules: readonly PolicyRule[] = [
  ...writeEvents,
  ...leadership("kube-scheduler"),
  allow("create", "coordination.k8s.io", "leasecandidates"),
  allow("get list watch update patch delete", "coordination.k8s.io", "leasecandidates"),
  allow(read, "", "nodes namespaces"),
  allow("get list watch delete", "", "pods"),
  allow("create", "", "pods/binding bindings"),
  allow("patch update", "", "pods/status"),
  allow(read, "", "services replicationcontrollers"),
  allow(read, "apps", "replicasets statefulsets"),
  allow(read, "policy", "poddisruptionbudgets"),
  allow(read, "", "persistentvolumeclaims persistentvolumes"),
  ...mayAskWhoAndWhat,
  allow(read, "storage.k8s.io", "csinodes csidrivers csistoragecapacities volumeattachments"),
  allow(read, "resource.k8s.io", "deviceclasses resourceclaims resourceslices"),
  allow("get update patch", "resource.k8s.io", "resourceclaims resourceclaims/status"),
];

const controllerManagerRules: readonly PolicyRule[] = [
  ...writeEvents,
  ...leadership("kube-controller-manager"),
  allow("create", "", "secrets serviceaccounts"),
  allow("delete", "", "secrets"),
  allow("get", "", "namespaces secrets serviceaccounts configmaps"),
  allow("update", "", "secrets serviceaccounts"),
  ...mayAskWhoAndWhat,
  allow("list watch", "*", "*"),
  allow("create", "", "serviceaccounts/token"),
];

const proxierRules: readonly PolicyRule[] = [
  allow("list watch", "", "services endpoints"),
  allow(read, "", "nodes"),
  ...writeEvents,
  allow("list watch", "discovery.k8s.io", "endpointslices"),
  allow("list watch", "networking.k8s.io", "servicecidrs"),
];

const provisionerRules: readonly PolicyRule[] = [
  allow("get list watch create delete", "", "persistentvolumes"),
  allow("get list watch update", "", "persistentvolumeclaims"),
  allow(read, "storage.k8s.io", "storageclasses"),
  allow("watch", "", "events"),
  ...writeEvents,
];

const approver = (signer: string): readonly PolicyRule[] => [allow("approve", "certificates.k8s.io", "signers", `kubernetes.io/${signer}`)];

/** Roles for the parts of a cluster, and for programs that extend it. */
export const componentRoles: readonly New<ClusterRole>[] = [
  role("system:node", nodeRules),
  role("system:node-bootstrapper", [allow("create get list watch", "certificates.k8s.io", "certificatesigningrequests")]),
  role("system:node-problem-detector", [allow("get", "", "nodes"), allow("patch", "", "nodes/status"), ...writeEvents]),
  role("system:node-proxier", proxierRules),
  role("system:kubelet-api-admin", [
    allow(read, "", "nodes"),
    allow("proxy", "", "nodes"),
    allow("*", "", "nodes/proxy nodes/metrics nodes/stats nodes/log nodes/spec nodes/configz nodes/healthz nodes/pods"),
  ]),
  role("system:kube-scheduler", schedulerRules),
  role("system:volume-scheduler", [
    allow("get list watch update patch", "", "persistentvolumes"),
    allow(read, "storage.k8s.io", "storageclasses"),
    allow("get list watch update patch", "", "persistentvolumeclaims"),
  ]),
  role("system:kube-controller-manager", controllerManagerRules),
  role("system:kube-dns", [allow("list watch", "", "endpoints services"), allow("list watch", "discovery.k8s.io", "endpointslices")]),
  role("system:kube-aggregator", [allow(read, "", "services endpoints")]),
  role("system:auth-delegator", mayAskWhoAndWhat),
  role("system:heapster", [allow(read, "", "events pods nodes namespaces"), allow(read, "apps", "deployments")]),
  role("system:persistent-volume-provisioner", provisionerRules),
  ...["certificatesigningrequests/nodeclient", "certificatesigningrequests/selfnodeclient"].map((resource) =>
    role(`system:certificates.k8s.io:${resource.replace("/", ":")}`, [allow("create", "certificates.k8s.io", resource)])),
  role("system:certificates.k8s.io:kube-apiserver-client-approver", approver("kube-apiserver-client")),
  role("system:certificates.k8s.io:kube-apiserver-client-kubelet-approver", approver("kube-apiserver-client-kubelet")),
  role("system:certificates.k8s.io:kubelet-serving-approver", approver("kubelet-serving")),
  role("system:certificates.k8s.io:legacy-unknown-approver", approver("legacy-unknown")),
];

function role(name: string, rules: readonly PolicyRule[]): New<ClusterRole> {
  return { metadata: { name }, rules };
}
