import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { type Change, Informer } from "#client/informer.ts";
import type { ClusterView, ViewOptions } from "./cluster-view.ts";

/** One copy of the cluster's pods and nodes for all kubelets of a process, so that an event costs the same however many there are. */
export class SharedView {
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #listeners = new Map<string, (change: Change<Pod>) => void>();

  constructor({ client, clock, failed }: ViewOptions) {
    this.#pods = new Informer(client.of(Pod), {
      clock, indexes: { node: ({ spec }) => spec.nodeName ? [spec.nodeName] : [] }, failed: (error) => failed("watch pods", error),
    });
    this.#nodes = new Informer(client.of(Node), { clock, failed: (error) => failed("watch nodes", error) });
    this.#pods.subscribe((change) => this.#tell(change));
  }

  start(): void {
    this.#pods.start();
    this.#nodes.start();
  }

  stop(): void {
    this.#pods.stop();
    this.#nodes.stop();
  }

  /** What the kubelet of this node sees of it. */
  of(nodeName: string): ClusterView {
    return {
      start: () => this.start(),
      stop: () => void this.#listeners.delete(nodeName),
      synced: () => this.#pods.synced(),
      subscribe: (listener) => {
        for (const object of this.#pods.byIndex("node", nodeName)) listener({ type: "added", object });
        this.#listeners.set(nodeName, listener);
      },
      pod: (namespace, name) => {
        const pod = this.#pods.get(namespace, name);
        return pod?.spec.nodeName === nodeName ? pod : undefined;
      },
      node: () => this.#nodes.get("", nodeName),
    };
  }

  /** A pod has its node for ever; but another of its name may have another one. */
  #tell(change: Change<Pod>): void {
    const { object } = change;
    const node = object.spec.nodeName;
    const before = change.type === "updated" ? change.before : undefined;
    if (before?.spec.nodeName === node || change.type !== "updated") return this.#listenerOf(node)?.(change);
    this.#listenerOf(change.before.spec.nodeName)?.({ type: "deleted", object: change.before });
    this.#listenerOf(node)?.({ type: "added", object });
  }

  #listenerOf(nodeName: string | undefined): ((change: Change<Pod>) => void) | undefined {
    return nodeName ? this.#listeners.get(nodeName) : undefined;
  }
}
