import type { Pod } from "#api/core/pod.ts";
import { podRequests } from "#api/core/pod-requests.ts";
import { type AffinityTerms, affinityTermsOf } from "./affinity-term.ts";
import { Amounts } from "./amounts.ts";
import { asCounted } from "./pod-resize.ts";

/** A host port that a pod holds. */
export interface HostPort {
  /** `0.0.0.0` stands for all. */
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

/** What scoring assumes for a container that asks for nothing: such pods spread too. */
const assumedOfContainer = { cpu: "100m", memory: "200Mi" };

/** A pod with what the scheduler needs of it, worked out once. */
export class PodInfo {
  /** As the API has it now; nothing of what is worked out depends on what may change here. */
  pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly priority: number;
  readonly isTerminating: boolean;
  readonly requests: Amounts;
  /** Requests with assumed ones for containers that name none. */
  readonly assumed: Amounts;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: AffinityTerms;
  /** Names of the claims that it uses. */
  readonly claims: readonly string[];

  #nodeClass: string | undefined;

  constructor(pod: Pod) {
    this.pod = pod;
    const { uid, namespace, labels = {}, deletionTimestamp } = pod.metadata;
    this.uid = uid;
    this.namespace = namespace;
    this.labels = labels;
    this.priority = pod.spec.priority ?? 0;
    this.isTerminating = deletionTimestamp !== undefined;
    const counted = asCounted(pod);
    this.requests = Amounts.of(podRequests(counted));
    this.assumed = asksForAll(counted) ? this.requests : Amounts.of(podRequests(counted, assumedOfContainer));
    this.hostPorts = hostPortsOf(pod);
    this.affinity = affinityTermsOf(pod);
    this.claims = claimsOf(pod);
  }

  /** Equal texts mean pods that are alike in all that counts on a node by itself. */
  get nodeClass(): string {
    this.#nodeClass ??= nodeClassOf(this);
    return this.#nodeClass;
  }

  get name(): string {
    return this.pod.metadata.name;
  }
}

function nodeClassOf({ pod: { spec }, priority, requests, hostPorts }: PodInfo): string {
  const { nodeName, nodeSelector, affinity, tolerations } = spec;
  const amounts = [requests.milliCpu, requests.memory, requests.ephemeralStorage, ...requests.others];
  return JSON.stringify([priority, amounts, hostPorts, nodeName, nodeSelector, affinity?.nodeAffinity, tolerations]);
}

function asksForAll({ spec: { containers, initContainers = [] } }: Pod): boolean {
  const asks = ({ resources: { requests = {} } }: Pod["spec"]["containers"][number]): boolean => "cpu" in requests && "memory" in requests;
  return containers.every(asks) && initContainers.every(asks);
}

function hostPortsOf({ spec: { containers, initContainers = [] } }: Pod): readonly HostPort[] {
  const lasting = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
  return lasting.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol }) => (hostPort ? [{ address: hostIP || "0.0.0.0", protocol, port: hostPort }] : [])));
}

/** A generic ephemeral volume's claim bears the names of the pod and of the volume (KEP-1698). */
function claimsOf({ metadata, spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${metadata.name}-${name}`] : [];
  });
}
