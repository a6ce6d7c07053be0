import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { type Change, Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";

/** What a kubelet sees of the cluster: the pods that have its node, and the node as the API has it. */
export interface ClusterView {
  start(): void;
  stop(): void;
  /** Resolves when the pods are known. */
  synced(): Promise<void>;
  /** Tells of every pod that is there, then of every change, until `stop`. */
  subscribe(listener: (change: Change<Pod>) => void): void;
  pod(namespace: string, name: string): Pod | undefined;
  node(): Node | undefined;
}

export interface ViewOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly failed: (what: string, error: Error) => void;
}

/** The view of a kubelet that watches for itself alone. */
export function viewOfNode(nodeName: string, { client, clock, failed }: ViewOptions): ClusterView {
  const pods = new Informer(client.of(Pod), {
    clock, fieldSelector: `spec.nodeName=${nodeName}`, failed: (error) => failed("watch pods", error),
  });
  const nodes = new Informer(client.of(Node), {
    clock, fieldSelector: `metadata.name=${nodeName}`, failed: (error) => failed("watch the node", error),
  });
  return {
    start() {
      pods.start();
      nodes.start();
    },
    stop() {
      pods.stop();
      nodes.stop();
    },
    synced: () => pods.synced(),
    subscribe: (listener) => void pods.subscribe(listener),
    pod: (namespace, name) => pods.get(namespace, name),
    node: () => nodes.get("", nodeName),
  };
}
