import type { DaemonSet } from "#api/apps/daemon-set.ts";
import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import type { StatefulSet } from "#api/apps/stateful-set.ts";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Service } from "#api/core/service.ts";
import type { PodSpec, PodTemplateSpec } from "#api/generated/core-v1.ts";
import type { KubeObject, Metadata, OwnerReference } from "#machinery/kind.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import { formatTime } from "#machinery/time.ts";

/** When the tests' objects were made, in milliseconds since 1970: 2026-01-01. */
export const epoch = Date.UTC(2026, 0, 1);

/** A time of the API so many seconds after `epoch`. */
export function at(seconds: number): string {
  return formatTime(epoch + seconds * 1000);
}

export function metadataOf(name: string, more: Partial<Metadata> = {}): Metadata {
  return { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1", creationTimestamp: at(0), ...more };
}

export function ownedBy(owner: KubeObject): readonly OwnerReference[] {
  return [controllerReference(owner, owner.apiVersion, owner.kind)];
}

export const podSpec: PodSpec = {
  containers: [{ name: "web", image: "web:1" }],
  restartPolicy: "Always", terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst", securityContext: {}, schedulerName: "default-scheduler",
  enableServiceLinks: true,
} as unknown as PodSpec;

export interface PodWish {
  readonly metadata?: Partial<Metadata>;
  readonly owner?: KubeObject;
  readonly node?: string;
  readonly phase?: Pod["status"]["phase"];
  /** Seconds after `epoch` since which it is ready. */
  readonly readySince?: number;
  readonly restarts?: number;
  readonly ip?: string;
  readonly spec?: Partial<PodSpec>;
  readonly status?: Partial<Pod["status"]>;
}

export const webLabels = { app: "web" };

export function aPod(name: string, wish: PodWish = {}): Pod {
  const { owner, node, phase = "Running", readySince, restarts, ip, metadata, spec, status } = wish;
  const ready = readySince === undefined ? { status: "False" } : { status: "True", lastTransitionTime: at(readySince) };
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: metadataOf(name, { labels: webLabels, ...(owner ? { ownerReferences: ownedBy(owner) } : {}), ...metadata }),
    spec: { ...podSpec, ...(node ? { nodeName: node } : {}), ...spec },
    status: {
      phase, conditions: [{ type: "Ready", ...ready }],
      ...(restarts === undefined ? {} : { containerStatuses: [{ name: "web", restartCount: restarts } as never] }),
      ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
      ...status,
    },
  };
}

export function templateOf(image = "web:1", labels: Metadata["labels"] = webLabels): PodTemplateSpec {
  return {
    metadata: { labels } as PodTemplateSpec["metadata"],
    spec: { ...podSpec, containers: podSpec.containers.map((container) => ({ ...container, image })) },
  };
}

export interface ReplicaSetWish {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Partial<ReplicaSet["spec"]>;
  readonly status?: Partial<ReplicaSet["status"]>;
}

export function aReplicaSet(name: string, replicas: number, more: ReplicaSetWish = {}): ReplicaSet {
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet", metadata: metadataOf(name, { generation: 1, ...more.metadata }),
    spec: { replicas, selector: { matchLabels: webLabels }, template: templateOf(), ...more.spec },
    status: { replicas: 0, ...more.status },
  };
}

export interface DeploymentWish {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Partial<Deployment["spec"]>;
  readonly status?: Deployment["status"];
}

export function aDeployment(name: string, replicas: number, more: DeploymentWish = {}): Deployment {
  return {
    apiVersion: "apps/v1", kind: "Deployment", metadata: metadataOf(name, { generation: 1, ...more.metadata }),
    spec: {
      replicas, selector: { matchLabels: webLabels }, template: templateOf(),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 10, progressDeadlineSeconds: 600, ...more.spec,
    },
    status: { ...more.status },
  };
}

export interface StatefulSetWish {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Partial<StatefulSet["spec"]>;
  readonly status?: Partial<StatefulSet["status"]>;
}

export function aStatefulSet(name: string, replicas: number, more: StatefulSetWish = {}): StatefulSet {
  return {
    apiVersion: "apps/v1", kind: "StatefulSet", metadata: metadataOf(name, { generation: 1, ...more.metadata }),
    spec: {
      replicas, serviceName: name, selector: { matchLabels: webLabels }, template: templateOf(), podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } }, revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" }, ...more.spec,
    },
    status: { replicas: 0, ...more.status },
  };
}

export interface DaemonSetWish {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Partial<DaemonSet["spec"]>;
}

export function aDaemonSet(name: string, more: DaemonSetWish = {}): DaemonSet {
  return {
    apiVersion: "apps/v1", kind: "DaemonSet", metadata: metadataOf(name, { generation: 1, ...more.metadata }),
    spec: {
      selector: { matchLabels: webLabels }, template: templateOf(),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, revisionHistoryLimit: 10, ...more.spec,
    },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  };
}

export interface NodeWish {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Node["spec"];
  /** Status by type of condition. */
  readonly conditions?: Readonly<Record<string, string>>;
}

export function aNode(name: string, { metadata, spec = {}, conditions = { Ready: "True" } }: NodeWish = {}): Node {
  const all = Object.entries(conditions).map(([type, status]) => ({ type, status, lastTransitionTime: at(0), lastHeartbeatTime: at(0) }));
  return { apiVersion: "v1", kind: "Node", metadata: metadataOf(name, metadata), spec, status: { conditions: all } as unknown as Node["status"] };
}

export function aService(name: string, more: { readonly metadata?: Partial<Metadata>; readonly spec?: Partial<Service["spec"]> } = {}): Service {
  return {
    apiVersion: "v1", kind: "Service", metadata: metadataOf(name, more.metadata),
    spec: {
      type: "ClusterIP", clusterIP: "10.96.0.10", sessionAffinity: "None", selector: webLabels, ipFamilies: ["IPv4"],
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 8080 }], ...more.spec,
    },
    status: { loadBalancer: {} },
  };
}
