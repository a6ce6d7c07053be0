import { userCertificateRequest } from "#machinery/testing/certificate-requests.ts";

/** One sound object of every kind, as a client would write it, by `apiVersion` and kind. The registry's tests go through them all. */
const podSpec = { containers: [{ name: "app", image: "registry.example/app:1" }] };
const template = { metadata: { labels: { app: "web" } }, spec: podSpec };
const jobTemplate = { ...template, spec: { ...podSpec, restartPolicy: "Never" } };
const workload = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const metadata = { name: "example", namespace: "default" };
const clusterMetadata = { name: "example" };
const eventMetadata = { name: "example.1", namespace: "default" };
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const attributes = { resourceAttributes: { namespace: "default", verb: "get", resource: "pods" } };
const admissionRule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };
const webhook = {
  name: "check.example.com", clientConfig: { service: { namespace: "default", name: "check" } }, rules: [admissionRule], sideEffects: "None",
  admissionReviewVersions: ["v1"], matchConditions: [{ name: "not-leases", expression: "request.resource.resource != 'leases'" }],
};
const claimSpec = { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.example.com" } }] } };

export const examples: { readonly [apiVersionAndKind: string]: object } = {
  "v1 Binding": { metadata, target: { kind: "Node", name: "node-1" } },
  "v1 ComponentStatus": { metadata: clusterMetadata, conditions: [{ type: "Healthy", status: "True", message: "ok" }] },
  "v1 ConfigMap": { metadata, data: { "app.conf": "a=b" } },
  "v1 Endpoints": { metadata, subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] },
  "v1 Event": { metadata: eventMetadata, involvedObject: { kind: "Pod", name: "a", namespace: "default" }, reason: "Started", type: "Normal" },
  "v1 LimitRange": { metadata, spec: { limits: [{ type: "Container", max: { cpu: "2" }, defaultRequest: { memory: "64Mi" } }] } },
  "v1 Namespace": { metadata: clusterMetadata },
  "v1 Node": { metadata: clusterMetadata, spec: { podCIDRs: ["10.1.0.0/24"], taints: [{ key: "a", effect: "NoSchedule" }] } },
  "v1 PersistentVolumeClaim": { metadata, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
  "v1 PersistentVolume": {
    metadata: clusterMetadata, spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/data" } },
  },
  "v1 Pod": { metadata, spec: podSpec },
  "v1 PodTemplate": { metadata, template },
  "v1 ReplicationController": { metadata, spec: { template } },
  "v1 ResourceQuota": { metadata, spec: { hard: { pods: "10", "requests.cpu": "4", "count/deployments.apps": "3" }, scopes: [] } },
  "v1 Secret": { metadata, stringData: { password: "secret" } },
  "v1 ServiceAccount": { metadata },
  "v1 Service": { metadata, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } },
  "apiextensions.k8s.io/v1 CustomResourceDefinition": {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" },
      versions: [{
        name: "v1", served: true, storage: true,
        schema: { openAPIV3Schema: {
          type: "object",
          properties: {
            spec: { type: "object", properties: { parts: { type: "array", items: { type: "string", enum: ["a", "b"], default: "a" } } } },
            labels: { type: "object", additionalProperties: { type: "string" } },
            anything: { type: "object", additionalProperties: true },
          },
        } },
      }],
    },
    status: { acceptedNames: { plural: "widgets", kind: "Widget" }, storedVersions: ["v1"] },
  },
  "apps/v1 ControllerRevision": { metadata, data: { spec: {} }, revision: 1 },
  "apps/v1 DaemonSet": { metadata, spec: { selector: { matchLabels: { app: "web" } }, template } },
  "apps/v1 Deployment": { metadata, spec: { selector: { matchLabels: { app: "web" } }, template } },
  "apps/v1 ReplicaSet": { metadata, spec: { selector: { matchLabels: { app: "web" } }, template } },
  "apps/v1 StatefulSet": {
    metadata,
    spec: {
      serviceName: "web", selector: { matchLabels: { app: "web" } },
      template: { ...template, spec: { containers: [{ ...podSpec.containers[0], volumeMounts: [{ name: "data", mountPath: "/data" }] }] } },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
    },
  },
  "authentication.k8s.io/v1 SelfSubjectReview": { metadata: clusterMetadata },
  "authentication.k8s.io/v1 TokenRequest": { metadata, spec: { audiences: ["api"] } },
  "authentication.k8s.io/v1 TokenReview": { metadata: clusterMetadata, spec: { token: "t" } },
  "authorization.k8s.io/v1 LocalSubjectAccessReview": { metadata, spec: { user: "jane", ...attributes } },
  "authorization.k8s.io/v1 SelfSubjectAccessReview": { metadata: clusterMetadata, spec: attributes },
  "authorization.k8s.io/v1 SelfSubjectRulesReview": { metadata: clusterMetadata, spec: { namespace: "default" } },
  "authorization.k8s.io/v1 SubjectAccessReview": { metadata: clusterMetadata, spec: { user: "jane", ...attributes } },
  "autoscaling/v1 HorizontalPodAutoscaler": { metadata, spec: { scaleTargetRef: workload, maxReplicas: 5, targetCPUUtilizationPercentage: 60 } },
  "autoscaling/v2 HorizontalPodAutoscaler": {
    metadata,
    spec: {
      scaleTargetRef: workload, maxReplicas: 5, behavior: { scaleUp: { tolerance: "50m" } },
      metrics: [{ type: "Pods", pods: { metric: { name: "users" }, target: { type: "AverageValue", averageValue: "100" } } }],
    },
  },
  "autoscaling/v1 Scale": { metadata, spec: { replicas: 3 } },
  "batch/v1 CronJob": { metadata, spec: { schedule: "*/5 * * * *", timeZone: "Europe/Oslo", jobTemplate: { spec: { template: jobTemplate } } } },
  "batch/v1 Job": {
    metadata: { ...metadata, uid: "u" },
    spec: {
      completions: 3, completionMode: "Indexed", manualSelector: true, selector: { matchLabels: { app: "web" } }, template: jobTemplate,
      podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }] },
    },
  },
  "coordination.k8s.io/v1 Lease": { metadata, spec: { holderIdentity: "a", leaseDurationSeconds: 15, renewTime: "2026-01-01T00:00:00.000000Z" } },
  "discovery.k8s.io/v1 EndpointSlice": { metadata, addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ port: 80 }] },
  "events.k8s.io/v1 Event": {
    metadata: eventMetadata, eventTime: "2026-01-01T00:00:00.000000Z", regarding: { kind: "Pod", name: "a", namespace: "default" },
    reportingController: "example.com/c", reportingInstance: "c-1", action: "Start", reason: "Started", type: "Normal",
  },
  "metrics.k8s.io/v1beta1 NodeMetrics": {
    metadata: clusterMetadata, timestamp: "2026-01-01T00:00:00Z", window: "15s", usage: { cpu: "100m", memory: "64Mi" },
  },
  "metrics.k8s.io/v1beta1 PodMetrics": {
    metadata, timestamp: "2026-01-01T00:00:00Z", window: "15s", containers: [{ name: "app", usage: { cpu: "100m", memory: "64Mi" } }],
  },
  "node.k8s.io/v1 RuntimeClass": { metadata: clusterMetadata, handler: "runc" },
  "policy/v1 Eviction": { metadata },
  "policy/v1 PodDisruptionBudget": { metadata, spec: { minAvailable: "50%", selector: { matchLabels: { app: "web" } } } },
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": { metadata: clusterMetadata, roleRef, subjects: [{ kind: "User", name: "jane" }] },
  "rbac.authorization.k8s.io/v1 ClusterRole": { metadata: clusterMetadata, rules: [{ verbs: ["get"], nonResourceURLs: ["/healthz"] }] },
  "rbac.authorization.k8s.io/v1 RoleBinding": { metadata, roleRef, subjects: [{ kind: "ServiceAccount", name: "a", namespace: "default" }] },
  "rbac.authorization.k8s.io/v1 Role": { metadata, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] },
  "scheduling.k8s.io/v1 PriorityClass": { metadata: clusterMetadata, value: 10 },
  "storage.k8s.io/v1 StorageClass": { metadata: clusterMetadata, provisioner: "example.com/disk" },
  "networking.k8s.io/v1 IngressClass": {
    metadata: clusterMetadata, spec: { controller: "example.com/ingress", parameters: { apiGroup: "example.com", kind: "Settings", name: "usual" } },
  },
  "networking.k8s.io/v1 Ingress": {
    metadata,
    spec: {
      ingressClassName: "usual", tls: [{ hosts: ["www.example.com"], secretName: "tls" }],
      rules: [{
        host: "*.example.com",
        http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }] },
      }],
    },
  },
  "networking.k8s.io/v1 IPAddress": {
    metadata: { name: "10.96.0.7" }, spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
  },
  "networking.k8s.io/v1 NetworkPolicy": {
    metadata, spec: { ingress: [{ ports: [{ port: 80, endPort: 90 }], from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }] },
  },
  "networking.k8s.io/v1 ServiceCIDR": { metadata: clusterMetadata, spec: { cidrs: ["10.97.0.0/24", "2001:db8::/112"] } },
  "storage.k8s.io/v1 CSIDriver": { metadata: clusterMetadata, spec: { tokenRequests: [{ audience: "vault", expirationSeconds: 3600 }] } },
  "storage.k8s.io/v1 CSINode": {
    metadata: clusterMetadata, spec: { drivers: [{ name: "disk.example.com", nodeID: "n-1", topologyKeys: ["zone"], allocatable: { count: 20 } }] },
  },
  "storage.k8s.io/v1 CSIStorageCapacity": { metadata, storageClassName: "fast", nodeTopology: { matchLabels: { zone: "a" } }, capacity: "1Ti" },
  "storage.k8s.io/v1 VolumeAttachment": {
    metadata: clusterMetadata, spec: { attacher: "disk.example.com", nodeName: "node-1", source: { persistentVolumeName: "data" } },
  },
  "storage.k8s.io/v1 VolumeAttributesClass": { metadata: clusterMetadata, driverName: "disk.example.com", parameters: { iops: "500" } },
  "admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding": { metadata: clusterMetadata, spec: { policyName: "labels" } },
  "admissionregistration.k8s.io/v1 MutatingAdmissionPolicy": {
    metadata: clusterMetadata,
    spec: {
      matchConstraints: { resourceRules: [admissionRule] }, reinvocationPolicy: "Never",
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }],
    },
  },
  "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": { metadata: clusterMetadata, webhooks: [webhook] },
  "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding": {
    metadata: clusterMetadata,
    spec: { policyName: "labels", validationActions: ["Deny"], paramRef: { name: "strict", parameterNotFoundAction: "Deny" } },
  },
  "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy": {
    metadata: clusterMetadata,
    spec: { matchConstraints: { resourceRules: [admissionRule] }, validations: [{ expression: "object.metadata.name != 'a'", reason: "Invalid" }] },
  },
  "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": { metadata: clusterMetadata, webhooks: [webhook] },
  "apiregistration.k8s.io/v1 APIService": {
    metadata: { name: "v1.example.com" },
    spec: { group: "example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 15, service: { namespace: "default", name: "api" } },
  },
  "certificates.k8s.io/v1 CertificateSigningRequest": {
    metadata: clusterMetadata,
    spec: { request: btoa(userCertificateRequest), signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"], extra: { a: ["b"] } },
  },
  "flowcontrol.apiserver.k8s.io/v1 FlowSchema": {
    metadata: clusterMetadata,
    spec: {
      priorityLevelConfiguration: { name: "low" }, distinguisherMethod: { type: "ByUser" },
      rules: [{
        subjects: [{ kind: "ServiceAccount", serviceAccount: { namespace: "default", name: "*" } }],
        resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["pods"], namespaces: ["*"] }],
      }],
    },
  },
  "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration": {
    metadata: clusterMetadata, spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } },
  },
  "resource.k8s.io/v1 DeviceClass": {
    metadata: clusterMetadata, spec: { selectors: [{ cel: { expression: "device.driver == 'gpu.example.com'" } }] },
  },
  "resource.k8s.io/v1 ResourceClaimTemplate": { metadata, spec: { spec: claimSpec } },
  "resource.k8s.io/v1 ResourceClaim": { metadata, spec: claimSpec },
  "resource.k8s.io/v1 ResourceSlice": {
    metadata: clusterMetadata,
    spec: {
      driver: "gpu.example.com", pool: { name: "node-1", generation: 1, resourceSliceCount: 1 }, nodeName: "node-1",
      devices: [{ name: "gpu-0", attributes: { model: { string: "a" } }, capacity: { memory: { value: "80Gi" } } }],
    },
  },
};
