import { describe, expect, it } from "vitest";
import type { Draft } from "#machinery/kind.ts";
import { DaemonSet } from "./apps/daemon-set.ts";
import { Deployment } from "./apps/deployment.ts";
import { StatefulSet } from "./apps/stateful-set.ts";
import { SubjectAccessReview } from "./authorization/access-review.ts";
import { ConfigMap } from "./core/config-map.ts";
import { Event } from "./core/event.ts";
import { Node } from "./core/node.ts";
import { PersistentVolumeClaim } from "./core/persistent-volume-claim.ts";
import { Pod } from "./core/pod.ts";
import { ReplicationController } from "./core/replication-controller.ts";
import { Secret } from "./core/secret.ts";
import { Service } from "./core/service.ts";
import { RoleBinding } from "./rbac/role-binding.ts";
import { Role } from "./rbac/role.ts";
import { PriorityClass } from "./scheduling/priority-class.ts";
import { StorageClass } from "./storage/storage-class.ts";
import { decoded, type Fields, wrong, wrongUpdate } from "./testing/wrong.ts";

const container = { name: "c", image: "i" };
const pod = (spec: object): Fields => ({ spec: { containers: [container], ...spec } });
const withContainer = (more: object): Fields => pod({ containers: [{ ...container, ...more }] });

describe("a pod is refused", () => {
  it.each<[string, Fields, string]>([
    ["without containers", pod({ containers: [] }), "spec.containers: Required value"],
    ["without containers at all", { spec: {} }, "spec.containers: Required value"],
    ["without an image", pod({ containers: [{ name: "c" }] }), "spec.containers[0].image: Required value"],
    ["with two containers of a name", pod({ containers: [container, container] }), 'spec.containers[1].name: Duplicate value: "c"'],
    ["with an unknown restart policy", pod({ restartPolicy: "Sometimes" }),
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
    ["with a bad port", withContainer({ ports: [{ containerPort: 70_000 }] }),
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"],
    ["with a port twice on the node", withContainer({ ports: [{ containerPort: 1, hostPort: 80 }, { containerPort: 2, hostPort: 80 }] }),
      'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
    ["with a mount of no volume", withContainer({ volumeMounts: [{ name: "v", mountPath: "/v" }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ["with more requested than allowed", withContainer({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ["with a negative amount", withContainer({ resources: { limits: { cpu: "-1" } } }),
      'spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ["with a probe that does nothing", withContainer({ livenessProbe: {} }), "spec.containers[0].livenessProbe: Required value: must specify a handler type"],
    ["with an env variable from two places", withContainer({ env: [{ name: "A", value: "1", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }),
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ["with an unknown field in its environment", withContainer({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.x" } } }] }),
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.x": supported values: "metadata.name", '
      + '"metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'],
    ["with a volume of two sorts", pod({ volumes: [{ name: "v", emptyDir: {}, configMap: { name: "m" } }] }),
      "spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type"],
    ["with a toleration of everything that is not one", pod({ tolerations: [{ operator: "Equal" }] }),
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"'],
    ["with affinity to nothing", pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }),
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term"],
    ["with privileges and none", withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: '
      + "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"],
    ["with ephemeral containers from the start", pod({ ephemeralContainers: [container] }), "spec.ephemeralContainers: Forbidden: cannot be set on create"],
  ])("%s", (_, fields, expected) => expect(wrong(Pod, fields)).toContain(expected));

  it("for everything that is wrong at once", () => {
    const fields = { ...withContainer({ imagePullPolicy: "Sometimes", image: "" }), metadata: { labels: { a: "-" } } };
    expect(wrong(Pod, fields).map((error) => error.slice(0, error.indexOf(":")))).toEqual([
      "metadata.labels", "spec.containers[0].imagePullPolicy", "spec.containers[0].image",
    ]);
  });

  it("but not when all is well", () => {
    expect(wrong(Pod, pod({ initContainers: [{ name: "i", image: "i", restartPolicy: "Always", readinessProbe: { tcpSocket: { port: 1 } } }] }))).toEqual([]);
  });
});

describe("a pod's update", () => {
  it("may bring another image, more tolerations and a shorter deadline", () => {
    const after = { containers: [{ name: "c", image: "j" }], tolerations: [{ operator: "Exists" }], activeDeadlineSeconds: 5 };
    expect(wrongUpdate(Pod, pod({ activeDeadlineSeconds: 9 }), pod(after))).toEqual([]);
  });

  it("may bring nothing else", () => {
    const [first, ...others] = wrongUpdate(Pod, pod({}), withContainer({ args: ["x"] }));
    expect(first).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,/);
    expect(others).toEqual([]);
    expect(wrongUpdate(Pod, pod({}), pod({ containers: [container, { ...container, name: "d" }] }))).toEqual([
      "spec.containers: Forbidden: pod updates may not add or remove containers",
    ]);
    expect(wrongUpdate(Pod, pod({ activeDeadlineSeconds: 5 }), pod({ activeDeadlineSeconds: 9 }))).toEqual([
      "spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value",
    ]);
  });

  it("may take scheduling gates away and not add any", () => {
    const gated = pod({ schedulingGates: [{ name: "a.b/c" }] });
    expect(wrongUpdate(Pod, gated, pod({ nodeSelector: { disk: "ssd" } }))).toEqual([]);
    expect(wrongUpdate(Pod, pod({}), gated)[0]).toContain("only deletion is allowed, but found new scheduling gate 'a.b/c'");
  });
});

const template = { metadata: { labels: { app: "a" } }, spec: { containers: [container] } };
const deployment = (spec: object): Fields => ({ spec: { selector: { matchLabels: { app: "a" } }, template, ...spec } });

describe("other kinds are refused", () => {
  it.each<[string, () => string[], string]>([
    ["a deployment that does not select its own pods", () => wrong(Deployment, deployment({ selector: { matchLabels: { app: "b" } } })),
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
    ["a deployment without a selector", () => wrong(Deployment, { spec: { template } }), "spec.selector: Required value"],
    ["a deployment that cannot roll", () => wrong(Deployment, deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "0%" } } })),
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
    ["a deployment with a negative count", () => wrong(Deployment, deployment({ replicas: -1 })),
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    ["another selector", () => wrongUpdate(Deployment, deployment({}), deployment({ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } })),
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable'],
    ["a service without ports", () => wrong(Service, { spec: {} }), "spec.ports: Required value"],
    ["a service with nameless ports", () => wrong(Service, { spec: { ports: [{ port: 1 }, { port: 2 }] } }), "spec.ports[0].name: Required value"],
    ["a service with a node port of its own", () => wrong(Service, { spec: { ports: [{ port: 1, nodePort: 30_000 }] } }),
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ["another address", () => wrongUpdate(Service, { spec: { clusterIP: "10.0.0.1", ports: [{ port: 1 }] } }, { spec: { clusterIP: "10.0.0.2", ports: [{ port: 1 }] } }),
      'spec.clusterIPs[0]: Invalid value: "10.0.0.2": may not change once set'],
    ["a key with a slash", () => wrong(ConfigMap, { data: { "a/b": "" } }),
      "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
      + "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"],
    ["a change of what is frozen", () => wrongUpdate(ConfigMap, { immutable: true, data: { a: "1" } }, { immutable: true, data: { a: "2" } }),
      "data: Forbidden: field is immutable when `immutable` is set"],
    ["a certificate without its key", () => wrong(Secret, { type: "kubernetes.io/tls", data: { "tls.crt": "" } }), "data[tls.key]: Required value"],
    ["another type", () => wrongUpdate(Secret, {}, { type: "x" }), 'type: Invalid value: "x": field is immutable'],
    ["a rule about nothing", () => wrong(Role, { rules: [{ verbs: ["get"], resources: ["pods"] }] }),
      "rules[0].apiGroups: Required value: resource rules must supply at least one api group"],
    ["another role", () => wrongUpdate(RoleBinding, { roleRef: { kind: "Role", name: "a" } }, { roleRef: { kind: "Role", name: "b" } }),
      'roleRef: Invalid value: {"kind":"Role","name":"b","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef'],
    ["a claim of nothing", () => wrong(PersistentVolumeClaim, { spec: { accessModes: ["ReadWriteOnce"] } }), "spec.resources[storage]: Required value"],
    ["a very high priority", () => wrong(PriorityClass, { value: 2_000_000_000 }),
      "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
    ["another provisioner", () => wrongUpdate(StorageClass, { provisioner: "a" }, { provisioner: "b" }), "provisioner: Forbidden: updates to provisioner are forbidden."],
    ["a taint twice", () => wrong(Node, { spec: { taints: [{ key: "a", effect: "NoExecute" }, { key: "a", effect: "NoExecute" }] } }),
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoExecute"}: taints must be unique by key and effect pair'],
    ["an event elsewhere", () => wrong(Event, { involvedObject: { namespace: "other" } }),
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ["a review of nobody", () => wrong(SubjectAccessReview, { spec: { nonResourceAttributes: { path: "/" } } }),
      'spec.user: Invalid value: "": at least one of user or group must be specified'],
  ])("%s", (_, errors, expected) => expect(errors()).toContain(expected));
});

const selector = { matchLabels: { app: "a" } };
const withSpec = (spec: object): Fields => ({ spec: { selector, template, ...spec } });
const rolling = (rollingUpdate: object): Fields => withSpec({ updateStrategy: { type: "RollingUpdate", rollingUpdate } });
const mounting = { ...template, spec: { containers: [{ ...container, volumeMounts: [{ name: "data", mountPath: "/data" }] }] } };
const dataClaim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } };

describe("long-running workloads are refused", () => {
  it.each<[string, () => string[], string]>([
    ["a stateful set whose name is no host name", () => wrong(StatefulSet, { metadata: { name: "a.b" }, ...withSpec({}) }),
      'metadata.name: Invalid value: "a.b": must not contain dots'],
    ["a stateful set that selects nothing", () => wrong(StatefulSet, withSpec({ selector: {} })),
      "spec.selector: Invalid value: {}: empty selector is invalid for statefulset"],
    ["a stateful set without a claim for its mount", () => wrong(StatefulSet, withSpec({ template: mounting })),
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ["a stateful set with a claim of nothing", () => wrong(StatefulSet, withSpec({ volumeClaimTemplates: [{ ...dataClaim, spec: { accessModes: ["ReadWriteOnce"] } }] })),
      "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value"],
    ["a stateful set that starts below zero", () => wrong(StatefulSet, withSpec({ ordinals: { start: -1 } })),
      "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"],
    ["a stateful set that cannot roll", () => wrong(StatefulSet, rolling({ maxUnavailable: 0 })),
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0"],
    ["how to roll where nothing rolls", () => wrong(StatefulSet, withSpec({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } })),
      'spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\''],
    ["an unknown retention", () => wrong(StatefulSet, withSpec({ persistentVolumeClaimRetentionPolicy: { whenScaled: "Keep" } })),
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Delete", "Retain"'],
    ["another service of a stateful set", () => wrongUpdate(StatefulSet, withSpec({ serviceName: "a" }), withSpec({ serviceName: "b" })),
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
      + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"],
    ["a daemon set with a deadline", () => wrong(DaemonSet, withSpec({ template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 1 } } })),
      "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"],
    ["a daemon set that rolls both ways", () => wrong(DaemonSet, rolling({ maxUnavailable: 1, maxSurge: "10%" })),
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero'],
    ["a daemon set that cannot roll", () => wrong(DaemonSet, rolling({ maxUnavailable: 0 })),
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"],
    ["another selector of a daemon set", () => wrongUpdate(DaemonSet, withSpec({}), withSpec({ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } })),
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable'],
    ["a replication controller without a template", () => wrong(ReplicationController, { spec: { selector: { app: "a" } } }), "spec.template: Required value"],
    ["a replication controller that selects others", () => wrong(ReplicationController, { spec: { selector: { app: "b" }, template } }),
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
  ])("%s", (_, errors, expected) => expect(errors()).toContain(expected));

  it("and everything is well with a claim for the mount, and with what may change", () => {
    const claimed = withSpec({ template: mounting, volumeClaimTemplates: [dataClaim] });
    expect(wrong(StatefulSet, claimed)).toEqual([]);
    expect(wrongUpdate(StatefulSet, claimed, withSpec({ template: mounting, volumeClaimTemplates: [dataClaim], replicas: 3, minReadySeconds: 1 }))).toEqual([]);
  });
});

describe("a status is refused", () => {
  const status = (counts: object): Fields => ({ ...withSpec({}), status: counts });
  it.each<[string, Fields, Fields, string]>([
    ["that counts below zero", status({ replicas: -1 }), status({ replicas: 0 }), "status.replicas: Invalid value: -1: must be greater than or equal to 0"],
    ["with more ready than there are", status({ replicas: 1, readyReplicas: 2 }), status({ replicas: 0 }),
      "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"],
    ["with more available than ready", status({ replicas: 2, readyReplicas: 1, availableReplicas: 2 }), status({ replicas: 0 }),
      "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas"],
    ["that forgets a collision", status({ replicas: 0, collisionCount: 1 }), status({ replicas: 0, collisionCount: 2 }),
      "status.collisionCount: Invalid value: 1: cannot be decremented"],
  ])("%s", (_, fields, old, expected) => {
    const errors = StatefulSet.validateStatusUpdate!(decoded(StatefulSet, fields), decoded(StatefulSet, old));
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toContain(expected);
  });
});

describe("defaults", () => {
  it("a replication controller takes over its template's labels", () => {
    const { metadata, spec } = decoded(ReplicationController, { spec: { template } });
    expect([metadata.labels, spec.selector, spec.replicas]).toEqual([{ app: "a" }, { app: "a" }, 1]);
  });

  it("workloads roll one pod after the other, unless they say otherwise", () => {
    expect(decoded(StatefulSet, withSpec({})).spec).toMatchObject({
      podManagementPolicy: "OrderedReady", updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      revisionHistoryLimit: 10, persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(decoded(StatefulSet, withSpec({ updateStrategy: { type: "OnDelete" } })).spec.updateStrategy).toEqual({ type: "OnDelete" });
    expect(decoded(DaemonSet, withSpec({})).spec.updateStrategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
  });

  it("a daemon set's generations of templates are counted", () => {
    const first = decoded(DaemonSet, withSpec({})) as Draft<DaemonSet>;
    DaemonSet.prepareForCreate!(first);
    const same = decoded(DaemonSet, withSpec({ minReadySeconds: 1 })) as Draft<DaemonSet>;
    DaemonSet.prepareForUpdate!(same, first as DaemonSet);
    const changed = decoded(DaemonSet, withSpec({ template: { ...template, spec: { containers: [{ ...container, image: "j" }] } } })) as Draft<DaemonSet>;
    DaemonSet.prepareForUpdate!(changed, same as DaemonSet);
    expect([first, same, changed].map(({ metadata }) => metadata.annotations)).toEqual(
      ["1", "1", "2"].map((generation) => ({ "deprecated.daemonset.template.generation": generation })));
  });
});
