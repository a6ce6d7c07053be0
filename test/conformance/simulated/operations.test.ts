import { expect } from "vitest";
import { Lease } from "#api/coordination/lease.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Endpoints } from "#api/core/endpoints.ts";
import { Event as CoreEvent } from "#api/core/event.ts";
import { Secret } from "#api/core/secret.ts";
import { Service } from "#api/core/service.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { Event } from "#api/events/event.ts";
import { RuntimeClass } from "#api/node/runtime-class.ts";
import { MutatingAdmissionPolicy } from "#api/admissionregistration/mutating-admission-policy.ts";
import { MutatingAdmissionPolicyBinding } from "#api/admissionregistration/mutating-admission-policy-binding.ts";
import { ValidatingAdmissionPolicy } from "#api/admissionregistration/validating-admission-policy.ts";
import { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";
import { Ingress } from "#api/networking/ingress.ts";
import { IngressClass } from "#api/networking/ingress-class.ts";
import { IPAddress } from "#api/networking/ip-address.ts";
import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import { CSIDriver } from "#api/storage/csi-driver.ts";
import { CSINode } from "#api/storage/csi-node.ts";
import { CSIStorageCapacity } from "#api/storage/csi-storage-capacity.ts";
import { StorageClass } from "#api/storage/storage-class.ts";
import { VolumeAttachment } from "#api/storage/volume-attachment.ts";
import { VolumeAttributesClass } from "#api/storage/volume-attributes-class.ts";
import type { KindReference } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { userCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import { conformance, type Stage } from "../conformance.ts";
import { supportsOperations } from "../operations.ts";

const about = (namespace: string) => ({ kind: "Pod", apiVersion: "v1", name: "a", namespace });
const coreEvent = ({ namespace }: Stage) => ({ involvedObject: about(namespace), reason: "Test", message: "first", type: "Normal" });
const event = ({ namespace }: Stage) => ({
  regarding: about(namespace), eventTime: "2026-01-01T00:00:00.000000Z", note: "first", type: "Normal", action: "Do", reason: "Test",
  reportingController: "test-controller", reportingInstance: "test-node",
});

const claim = { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.example.com" } }] } };

const matchConstraints = { resourceRules: [{ apiGroups: ["none.example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }] };

const operations: readonly (readonly [string, KindReference, object | ((stage: Stage) => object), object])[] = [
  ["[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]", EndpointSlice,
    { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ name: "http", protocol: "TCP", port: 80 }] }, { endpoints: [{ addresses: ["10.0.0.2"] }] }],
  ["[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]", Endpoints,
    { subsets: [{ addresses: [{ ip: "10.0.0.24" }], ports: [{ name: "http", port: 80 }] }] }, { subsets: [{ addresses: [{ ip: "10.0.0.25" }], ports: [{ name: "http", port: 8080 }] }] }],
  ["[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]", RuntimeClass, { handler: "runc" }, {}],
  ["[sig-node] Lease lease API should be available [Conformance]", Lease, { spec: { holderIdentity: "holder", leaseDurationSeconds: 30 } }, { spec: { leaseDurationSeconds: 60 } }],
  ["[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]", ConfigMap, { data: { k: "v" } }, { data: { k: "patched" } }],
  ["[sig-node] Secrets should patch a secret [Conformance]", Secret, { type: "Opaque", data: { key: "dmFsdWU=" } }, { data: { key: "cGF0Y2hlZA==" } }],
  ["[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]", CoreEvent, coreEvent, { message: "patched" }],
  ["[sig-instrumentation] Events should delete a collection of events [Conformance]", CoreEvent, coreEvent, {}],
  ["[sig-instrumentation] Events API should delete a collection of events [Conformance]", Event, event, { note: "patched" }],
  ["[sig-network] Services should delete a collection of services [Conformance]", Service, { spec: { ports: [{ name: "http", port: 80 }] } }, { spec: { selector: { app: "web" } } }],
  ["[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations [Conformance]", PriorityLevelConfiguration,
    { spec: { type: "Limited", limited: { nominalConcurrencyShares: 2, limitResponse: { type: "Reject" } } } }, { spec: { limited: { nominalConcurrencyShares: 4 } } }],
  ["[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations [Conformance]",
    ValidatingAdmissionPolicy, { spec: { matchConstraints, validations: [{ expression: "object.spec.replicas <= 100" }] } }, { spec: { failurePolicy: "Ignore" } }],
  ["[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations [Conformance]",
    MutatingAdmissionPolicy,
    { spec: { matchConstraints, reinvocationPolicy: "Never", mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }] } }, { spec: { failurePolicy: "Ignore" } }],
  ["[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations [Conformance]",
    MutatingAdmissionPolicyBinding, { spec: { policyName: "policy" } }, {}],
  ["[sig-network] Ingress API should support creating Ingress API operations [Conformance]", Ingress,
    { spec: { defaultBackend: { service: { name: "default-backend", port: { number: 80 } } } } }, { spec: { ingressClassName: "class" } }],
  ["[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]", IngressClass, { spec: { controller: "example.com/controller" } }, {}],
  ["[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]", ResourceClaim, { spec: claim }, {}],
  ["[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]", ResourceClaimTemplate, { spec: { spec: claim } }, {}],
  ["[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]", ResourceSlice,
    { spec: { driver: "gpu.example.com", pool: { name: "p", generation: 1, resourceSliceCount: 1 }, allNodes: true } }, { spec: { pool: { generation: 2 } } }],
  ["[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]", CSIDriver,
    { spec: { volumeLifecycleModes: ["Ephemeral"] } }, { spec: { podInfoOnMount: true } }],
  ["[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]", CSINode,
    { spec: { drivers: [{ name: "disk.example.com", nodeID: "n", topologyKeys: ["zone"] }] } }, { spec: { drivers: [] } }],
  ["[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]", CSIStorageCapacity,
    { storageClassName: "example" }, { capacity: "1Gi" }],
  ["[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]", StorageClass,
    { provisioner: "example.com/disk" }, { allowVolumeExpansion: true }],
  ["[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]",
    VolumeAttributesClass, { driverName: "disk.example.com", parameters: { iops: "500" } }, {}],
];

for (const [name, kind, example, change] of operations) {
  conformance(name, (stage) => supportsOperations(stage, kind, typeof example === "function" ? example(stage) : example, change));
}

conformance("[sig-api-machinery] API priority and fairness should support FlowSchema API operations [Conformance]", async (stage) => {
  const spec = { matchingPrecedence: 10_000, priorityLevelConfiguration: { name: "global-default" }, distinguisherMethod: { type: "ByUser" } };
  const saysWhetherItDangles = ({ status }: FlowSchema): boolean => status.conditions?.some(({ type }) => type === "Dangling") === true;
  await supportsOperations(stage, FlowSchema, { spec }, { spec: { matchingPrecedence: 9999 } }, saysWhetherItDangles);
});

conformance("[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]", async ({ of, namespace }) => {
  await expect(of(Secret).create({ metadata: { namespace, name: "empty" }, data: { "": "dmFsdWU=" } })).rejects.toMatchObject({ code: 422 });
});

conformance("[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]", async ({ of, namespace }) => {
  const created = await of(ServiceAccount).create({ metadata: { namespace, name: "e2e" }, automountServiceAccountToken: false });
  await of(ServiceAccount).update({ ...created, automountServiceAccountToken: true });
  expect((await of(ServiceAccount).get(namespace, "e2e")).automountServiceAccountToken).toBe(true);
});

conformance("[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]", async ({ of, namespace, until }) => {
  const root = await until("the certificate is there", () => of(ConfigMap).get(namespace, "kube-root-ca.crt"));
  await of(ConfigMap).delete(namespace, "kube-root-ca.crt");
  await until("it is there again", async () => (await of(ConfigMap).get(namespace, "kube-root-ca.crt")).metadata.uid !== root.metadata.uid);
  await of(ConfigMap).patch(namespace, "kube-root-ca.crt", "application/merge-patch+json", { data: { "ca.crt": "changed" } });
  await until("it is as it was", async () => (await of(ConfigMap).get(namespace, "kube-root-ca.crt")).data?.["ca.crt"] === root.data?.["ca.crt"]);
});

conformance("[sig-network] Services should complete a service status lifecycle [Conformance]", async ({ of, namespace }) => {
  const services = of(Service);
  const created = await services.create({ metadata: { namespace, name: "web" }, spec: { type: "LoadBalancer", ports: [{ name: "http", port: 80 }] } });
  const ingress = { loadBalancer: { ingress: [{ ip: "203.0.113.1" }] } };
  const patched = await services.patch(namespace, "web", "application/merge-patch+json", { metadata: { annotations: { patched: "true" } }, status: ingress }, {}, "status");
  expect(patched).toMatchObject({ metadata: { annotations: { patched: "true" } }, status: { loadBalancer: { ingress: [{ ip: "203.0.113.1" }] } } });
  const conditions = [{ type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test", lastTransitionTime: "2026-01-01T00:00:00Z" }] as const;
  expect((await services.updateStatus({ ...patched, status: { ...patched.status, conditions } })).status.conditions).toEqual(conditions);
  expect((await services.patch(namespace, "web", "application/merge-patch+json", { spec: { ports: [{ name: "http", port: 8080 }] } })).status.conditions).toEqual(conditions);
  await services.delete(namespace, "web", { preconditions: { uid: created.metadata.uid } });
});

conformance("[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]", async (stage) => {
  const spec = { request: btoa(userCertificateRequest), signerName: "example.com/e2e", usages: ["digital signature", "server auth"] };
  await supportsOperations(stage, CertificateSigningRequest, { spec }, {});
  const { of, namespace: name } = stage;
  await of(CertificateSigningRequest).create({ metadata: { name }, spec });
  const decision = { status: { conditions: [{ type: "Approved", status: "True", reason: "E2E" }] } };
  const approved = await of(CertificateSigningRequest).patch("", name, "application/merge-patch+json", decision, {}, "approval");
  expect(approved.status.conditions).toMatchObject(decision.status.conditions);
  const status = { ...approved.status, certificate: btoa("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n") };
  expect((await of(CertificateSigningRequest).updateStatus({ ...approved, status })).status).toEqual(status);
});

conformance("[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]", async (stage) => {
  const spec = { attacher: "disk.example.com", nodeName: "n", source: { persistentVolumeName: "data" } };
  await supportsOperations(stage, VolumeAttachment, { spec }, {});
  const { of, namespace: name } = stage;
  await of(VolumeAttachment).create({ metadata: { name }, spec });
  const patched = await of(VolumeAttachment).patch("", name, "application/merge-patch+json", { status: { attached: true } }, {}, "status");
  expect(patched.status.attached).toBe(true);
  expect((await of(VolumeAttachment).updateStatus({ ...patched, status: { attached: false } })).status.attached).toBe(false);
});

conformance("[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]", async ({ of, namespace }) => {
  const name = "192.168.1.23";
  const parentRef = { group: "example.com", resource: "things", namespace, name: "thing" };
  await of(IPAddress).create({ metadata: { name }, spec: { parentRef } });
  expect((await of(IPAddress).list("")).items.map(({ metadata }) => metadata.name)).toContain(name);
  const patched = await of(IPAddress).patch("", name, "application/merge-patch+json", { metadata: { annotations: { patched: "true" } } });
  await expect(of(IPAddress).update({ ...patched, spec: { parentRef: { ...parentRef, name: "other" } } })).rejects.toMatchObject({ code: 422 });
  await of(IPAddress).delete("", name);
  await expect(of(IPAddress).get("", name)).rejects.toSatisfy(isNotFound);
});
