import type { Node as NodeObject, NodeStatus } from "#api/generated/core-v1.ts";
import { Lease } from "#api/coordination/lease.ts";
import { Node } from "#api/core/node.ts";
import type { Client } from "#client/client.ts";
import { type Clock, sleep, type Timer } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import type { Random } from "#machinery/random.ts";
import { isAlreadyExists, isNotFound } from "#machinery/status-error.ts";
import { formatMicroTime } from "#machinery/time.ts";
import type { Events } from "../pod-work.ts";
import type { ImageStatus, Runtime, RuntimeVersion } from "../runtime/runtime.ts";
import { newNode, type NodeDescription, nodeLabels } from "./node-description.ts";
import { nodeStatus } from "./node-status.ts";

export interface NodeReporterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly runtime: Runtime;
  readonly runtimeVersion: RuntimeVersion;
  readonly node: NodeDescription;
  readonly events: Events;
  /** The node as the API has it, where that is known. */
  readonly present: () => NodeObject | undefined;
  readonly failed: (error: Error) => void;
  /** Between two heartbeats. Default 10 s. */
  readonly heartbeatMilliseconds?: number;
}

const defaultHeartbeatMilliseconds = 10_000;
const beatRetryMilliseconds = 1_000;
const leaseDurationSeconds = 40;
const leaseNamespace = "kube-node-lease";
/** A status that did not change is still told this often. */
const statusMilliseconds = 300_000;
const firstRetryMilliseconds = 200;
const longestRetryMilliseconds = 7_000;

/** Registers the node, then tells of it: a lease at each heartbeat, the status when it changed and now and then. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  readonly #abort = new AbortController();
  #node: NodeObject | undefined;
  #told: NodeStatus | undefined;
  /** What the told status came from, where this kubelet told it. */
  #toldFrom: Health | undefined;
  #toldAt = 0;
  #lease: Lease | undefined;
  #beat: Timer | undefined;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
  }

  /** The node as the API has it, once it is registered. */
  get node(): NodeObject | undefined {
    return this.#node;
  }

  /** Goes on until `stop`. Resolves when the node is registered and its first status is told. */
  async start(): Promise<void> {
    this.#options.events.event(this.#subject(), "Normal", "Starting", "Starting kubelet.");
    await this.#untilDone(() => this.#register());
    await this.#untilDone(() => this.#tellStatus());
    await this.#renew();
  }

  stop(): void {
    this.#abort.abort();
    this.#beat?.cancel();
  }

  /** Looks at once whether the status changed, such as after the runtime came back. */
  async refresh(): Promise<void> {
    if (this.#node === undefined) return;
    await this.#tellStatus().catch(this.#options.failed);
  }

  /** Hears of what others have changed of the node. */
  async readNode(): Promise<void> {
    this.#node = await this.#options.client.of(Node).get("", this.#options.node.name);
  }

  /** A little apart from the others, so that many nodes do not speak at the same instant. */
  #scheduleBeat(): void {
    const { random, heartbeatMilliseconds = defaultHeartbeatMilliseconds } = this.#options;
    this.#beatAfter(heartbeatMilliseconds * (1 + 0.04 * random.fraction()));
  }

  #beatAfter(milliseconds: number): void {
    const { clock, failed } = this.#options;
    if (this.#abort.signal.aborted) return;
    this.#beat = clock.after(milliseconds, () => void this.#tellStatus().catch(failed).then(() => this.#renew()));
  }

  async #renew(): Promise<void> {
    try {
      await this.#renewLease();
      this.#scheduleBeat();
    } catch (error) {
      this.#options.failed(error as Error);
      this.#beatAfter(beatRetryMilliseconds);
    }
  }

  async #untilDone(step: () => Promise<void>): Promise<void> {
    const { clock, failed } = this.#options;
    let wait = firstRetryMilliseconds;
    while (!this.#abort.signal.aborted) {
      try {
        return await step();
      } catch (error) {
        failed(error as Error);
      }
      await sleep(clock, wait, this.#abort.signal).catch(() => undefined);
      wait = Math.min(wait * 2, longestRetryMilliseconds);
    }
  }

  async #register(): Promise<void> {
    const { client, node } = this.#options;
    const nodes = client.of(Node);
    try {
      const health = await this.#health();
      const status = this.#statusOf(health, undefined);
      this.#node = await nodes.create({ ...newNode(node), status });
      this.#hasTold(status, health);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const present = await nodes.get("", node.name);
      const labels = nodeLabels(node);
      const labelled = Object.entries(labels).every(([key, value]) => present.metadata.labels?.[key] === value);
      this.#node = labelled ? present : await nodes.patch("", node.name, "application/merge-patch+json", { metadata: { labels } });
      this.#told = this.#node.status;
      this.#toldFrom = undefined;
    }
  }

  async #tellStatus(): Promise<void> {
    const { client, clock, node } = this.#options;
    const health = await this.#health();
    if (equal(health, this.#toldFrom) && this.#isBelieved() && clock.now() - this.#toldAt < statusMilliseconds) return;
    const status = this.#statusOf(health, this.#told);
    try {
      this.#node = await client.of(Node).patch("", node.name, "application/strategic-merge-patch+json", { status }, undefined, "status");
    } catch (error) {
      // Somebody deleted the node: it registers anew.
      if (isNotFound(error)) await this.#register();
      throw error;
    }
    this.#hasTold(status, health);
  }

  /** After a silence others have said that nothing is known of the node. */
  #isBelieved(): boolean {
    const conditions = this.#options.present()?.status.conditions;
    return this.#told?.conditions?.every(({ type, status }) => (conditions?.find((one) => one.type === type)?.status ?? status) === status) ?? false;
  }

  async #health(): Promise<Health> {
    const { runtime } = this.#options;
    const [trouble, images] = await Promise.all([
      runtime.trouble().catch((error: Error) => error.message),
      runtime.images.list().catch(() => []),
    ]);
    return { trouble, images };
  }

  #statusOf(health: Health, before: NodeStatus | undefined): NodeStatus {
    const { node, runtimeVersion, clock } = this.#options;
    return nodeStatus(node, { ...health, runtime: runtimeVersion, now: clock.now() }, before);
  }

  #hasTold(status: NodeStatus, health: Health): void {
    const wasReady = isReady(this.#told);
    this.#told = status;
    this.#toldFrom = health;
    this.#toldAt = this.#options.clock.now();
    if (isReady(status) === wasReady) return;
    const reason = isReady(status) ? "NodeReady" : "NodeNotReady";
    this.#options.events.event(this.#subject(), "Normal", reason, `Node ${this.#options.node.name} status is now: ${reason}`);
  }

  async #renewLease(): Promise<void> {
    const { client, clock, node } = this.#options;
    const leases = client.of(Lease);
    const renewTime = formatMicroTime(clock.now() * 1000);
    try {
      this.#lease ??= await leases.get(leaseNamespace, node.name);
      const spec = { ...this.#lease.spec, holderIdentity: node.name, leaseDurationSeconds, renewTime };
      this.#lease = await leases.update({ ...this.#lease, spec });
    } catch (error) {
      this.#lease = undefined;
      if (!isNotFound(error)) throw error;
      const owner = this.#node?.metadata;
      this.#lease = await leases.create({
        apiVersion: "coordination.k8s.io/v1", kind: "Lease",
        metadata: {
          name: node.name, namespace: leaseNamespace,
          ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: owner.name, uid: owner.uid }] }),
        },
        spec: { holderIdentity: node.name, leaseDurationSeconds, renewTime },
      });
    }
  }

  /** Events about nodes name the node as their uid, as clients look them up so. */
  #subject(): NodeObject {
    const { node } = this.#options;
    const present = this.#node ?? ({ ...newNode(node), status: {} } as NodeObject);
    return { ...present, metadata: { ...present.metadata, uid: node.name } };
  }
}

function isReady(status: NodeStatus | undefined): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
}

/** What may change about a node while its kubelet runs. */
interface Health {
  readonly trouble: string | undefined;
  readonly images: readonly ImageStatus[];
}
