import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { seededRandom } from "#machinery/random.ts";
import type { LabelSelectorObject } from "#machinery/label-selectors.ts";
import type { ClusterObjects, Lister } from "../cluster-objects.ts";
import { ClusterState } from "../cluster-state/cluster-state.ts";
import { Nominator } from "../nominator.ts";
import { PodInfo } from "../pod-info.ts";
import { defaultProfile, type Profile } from "../profile.ts";
import type { Decision } from "../decision.ts";
import { scheduleOne } from "../schedule-one.ts";

const stored = { uid: "", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", namespace: "default" };

interface More {
  readonly labels?: { readonly [key: string]: string };
  readonly allocatable?: { readonly [resource: string]: string };
  readonly images?: Node["status"]["images"];
}

export function node(name: string, spec: Partial<Node["spec"]> = {}, more: More = {}): Node {
  const metadata = { ...stored, name, uid: name, labels: { "kubernetes.io/hostname": name, ...more.labels } };
  const status = { allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...more.allocatable }, images: more.images };
  return { apiVersion: "v1", kind: "Node", metadata, spec, status } as unknown as Node;
}

let uids = 0;

export function pod(spec: Partial<Pod["spec"]> = {}, requests: { [name: string]: string } = {}, metadata: Partial<Pod["metadata"]> = {}): Pod {
  const uid = `pod-${uids++}`;
  return {
    apiVersion: "v1", kind: "Pod", metadata: { ...stored, name: uid, uid, ...metadata }, status: {},
    spec: { containers: [{ name: "main", image: "web:1", resources: { requests } }], schedulerName: "default-scheduler", ...spec },
  } as Pod;
}

/** A cluster that stands still, to ask where a pod would go. */
export class TestCluster {
  readonly state: ClusterState;
  readonly nominator: Nominator;
  /** The default one, without what plugins do for a pod that fits nowhere, until a test sets it. */
  profile: Profile = {
    ...defaultProfile, plugins: defaultProfile.plugins.map(({ plugin, weight }) => ({ plugin: { ...plugin, rescue: undefined }, weight })),
  };

  constructor(objects: Partial<ClusterObjects> = {}) {
    this.state = new ClusterState({ ...nothing, ...objects });
    this.nominator = new Nominator((name) => this.state.touch(name));
  }

  /** Adds a node that holds these pods. */
  with(one: Node, ...pods: readonly Pod[]): this {
    const info = this.state.putNode(one);
    for (const held of pods) this.state.add(new PodInfo({ ...held, spec: { ...held.spec, nodeName: info.name } }), info);
    return this;
  }

  decide(wanted: Pod): Decision {
    const { state: cluster, nominator, profile } = this;
    return scheduleOne({ pod: new PodInfo(wanted), cluster, nominator, profile, random: seededRandom(1), start: 0 });
  }

  /** The node's name, or the message that says why there is none. */
  place(wanted: Pod): string {
    const decision = this.decide(wanted);
    return decision.outcome === "fits" ? decision.node.name : decision.message;
  }
}

export function lister<T extends KubeObject>(...objects: readonly T[]): Lister<T> {
  return {
    get: (namespace, name) => objects.find(({ metadata }) => (metadata.namespace ?? "") === namespace && metadata.name === name),
    list: () => objects,
    inNamespace: (namespace) => objects.filter(({ metadata }) => metadata.namespace === namespace),
  };
}

const nothing: ClusterObjects = {
  namespaces: lister(), services: lister(), persistentVolumes: lister(), persistentVolumeClaims: lister(), storageClasses: lister(),
  csiNodes: lister(), csiDrivers: lister(), csiStorageCapacities: lister(),
  podDisruptionBudgets: lister(), resourceClaims: lister(), deviceClasses: lister(),
  workloadSelector: (): LabelSelectorObject | undefined => undefined,
};
