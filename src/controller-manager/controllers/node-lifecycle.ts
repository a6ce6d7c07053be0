import { Lease } from "#api/coordination/lease.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { nodeCondition } from "../node-taints.ts";
import { isReady } from "../pods.ts";
import { allow } from "../rules.ts";
import { lackingLabels } from "./node-lifecycle/labels.ts";
import { silentConditions } from "./node-lifecycle/silence.ts";
import { evictingTaint, isEvicting, wantedTaints } from "./node-lifecycle/taints.ts";
import { millisecondsPerNode, type Pace, paces, Turnstile, zoneOf } from "./node-lifecycle/zones.ts";

const leaseNamespace = "kube-node-lease";
/** A kubelet that is silent for longer is taken for gone. */
const graceMilliseconds = 50_000;
/** A new node gets longer for its first word. */
const startMilliseconds = 60_000;
const lookMilliseconds = 5_000;

/**
 * Watches over nodes: says so when a kubelet falls silent, keeps pods off nodes in trouble, and has pods leave nodes that do not
 * recover (Kubernetes "Nodes"; KEP-589). The leases' own times are not trusted, for clocks differ: only that they change counts.
 */
export const nodeLifecycle: Runnable = {
  name: "node-controller",
  permissions: [
    allow("get list update delete patch", "", "nodes"),
    allow("patch update", "", "nodes/status pods/status"),
    allow("list delete get", "", "pods"),
  ],
  start: (context) => new Run(context).start(),
};

/** The last sign of life of a node. */
interface Sign {
  readonly lease: string;
  readonly heartbeat: string;
  /** By our own clock. */
  readonly at: number;
}

class Run {
  readonly #context: ControllerContext;
  readonly #signs = new Map<string, Sign>();
  readonly #turnstile = new Turnstile();
  #paces: { readonly at: number; readonly byZone: ReadonlyMap<string, Pace> } | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
  }

  start(): () => void {
    const [nodes, leases, pods] = [this.#context.informer(Node), this.#context.informer(Lease), this.#context.informer(Pod)];
    const ready = Promise.all([nodes.synced(), leases.synced(), pods.synced()]);
    const loop = startLoop(this.#context, { name: "node-controller", workers: 8, ready, work: (name) => this.#tend(name) });
    const stops = [
      nodes.subscribe(({ type, object }) => {
        if (type === "deleted") this.#signs.delete(object.metadata.name);
        else this.#hear(object);
        this.#tellOf(type, object);
        loop.add(object.metadata.name);
      }),
      leases.subscribe(({ type, object: { metadata } }) => {
        const node = metadata.namespace === leaseNamespace && type !== "deleted" ? nodes.get("", metadata.name) : undefined;
        if (node) this.#hear(node);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      loop.stop();
    };
  }

  #tellOf(type: "added" | "updated" | "deleted", node: Node): void {
    const { name } = node.metadata;
    if (type === "added") this.#context.recorder.event(node, "Normal", "RegisteredNode", `Registered Node ${name} in Controller`);
    if (type === "deleted") this.#context.recorder.event(node, "Normal", "RemovingNode", `Removing Node ${name} from Controller`);
  }

  /** Remembers when something of the node last changed that its kubelet changes. */
  #hear(node: Node): Sign {
    const { name } = node.metadata;
    const lease = this.#context.informer(Lease).get(leaseNamespace, name)?.spec.renewTime ?? "";
    const heartbeat = node.status.conditions?.find(({ type }) => type === "Ready")?.lastHeartbeatTime ?? "";
    const before = this.#signs.get(name);
    if (before?.lease === lease && before.heartbeat === heartbeat) return before;
    const sign: Sign = { lease, heartbeat, at: this.#context.clock.now() };
    this.#signs.set(name, sign);
    return sign;
  }

  async #tend(name: string): Promise<number | undefined> {
    const node = this.#context.informer(Node).get("", name);
    if (!node) return undefined;
    const now = this.#context.clock.now();
    // A change of the node wakes it again, here and below.
    if (await this.#label(node)) return undefined;
    const grace = nodeCondition(node, "Ready") === undefined ? startMilliseconds : graceMilliseconds;
    const left = this.#hear(node).at + grace - now;
    if (left <= 0 && (await this.#markSilent(node, now))) return undefined;
    const wait = await this.#taint(node, now);
    if (nodeCondition(node, "Ready") !== "True") await this.#markPods(node, now);
    return left > 0 ? Math.min(left, wait ?? left) : wait;
  }

  /** Whether there was anything to do, as in the following. */
  async #label(node: Node): Promise<boolean> {
    const labels = lackingLabels(node);
    if (!labels) return false;
    await this.#context.client.of(Node).patch("", node.metadata.name, "application/merge-patch+json", { metadata: { labels } });
    return true;
  }


  async #markSilent(node: Node, now: number): Promise<boolean> {
    const conditions = silentConditions(node, now);
    if (!conditions) return false;
    const status = { ...node.status, conditions };
    await this.#context.client.of(Node).updateStatus({ ...node, status });
    return true;
  }

  /** Returns after how long to look again, while the node is in trouble: what becomes of it depends on how the others are. */
  async #taint(node: Node, now: number): Promise<number | undefined> {
    const { key, wait } = this.#eviction(node, now);
    const taints = wantedTaints(node, key, now);
    if (taints) {
      const { name, resourceVersion } = node.metadata;
      const patch = { metadata: { resourceVersion }, spec: { taints } };
      await this.#context.client.of(Node).patch("", name, "application/merge-patch+json", patch);
    }
    return wait;
  }

  /** The taint by which pods leave the node: where they leave already, or its zone's turn has come. */
  #eviction(node: Node, now: number): { readonly key?: string; readonly wait?: number } {
    const key = evictingTaint(node);
    if (key === undefined) return {};
    const zone = zoneOf(node);
    const pace = this.#pacesNow(now).get(zone) ?? millisecondsPerNode;
    if (pace === "recalled") return { wait: lookMilliseconds };
    if (isEvicting(node)) return { key, wait: lookMilliseconds };
    const wait = pace === "held" ? lookMilliseconds : this.#turnstile.pass(zone, pace, now);
    return wait > 0 ? { wait } : { key, wait: lookMilliseconds };
  }

  #pacesNow(now: number): ReadonlyMap<string, Pace> {
    if (!this.#paces || now - this.#paces.at >= lookMilliseconds) {
      this.#paces = { at: now, byZone: paces(this.#context.informer(Node).list()) };
    }
    return this.#paces.byZone;
  }

  /** Nobody else says of these pods that they are not ready any more. */
  async #markPods(node: Node, now: number): Promise<void> {
    const pods = this.#context.informer(Pod).byIndex("node", node.metadata.name).filter(isReady);
    for (const pod of pods) {
      const { namespace, name, uid } = pod.metadata;
      const patch = { metadata: { uid }, status: { conditions: [{ type: "Ready", status: "False", lastTransitionTime: formatTime(now) }] } };
      this.#context.recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready");
      const written = this.#context.client.of(Pod).patch(namespace, name, "application/strategic-merge-patch+json", patch, undefined, "status");
      await written.catch(ignoreNotFound);
    }
    if (pods.length > 0) this.#context.recorder.event(node, "Normal", "NodeNotReady", `Node ${node.metadata.name} status is now: NodeNotReady`);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
