import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { NodeMetrics } from "#api/metrics/node-metrics.ts";
import type { PodMetrics } from "#api/metrics/pod-metrics.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import { formatDuration } from "#machinery/duration.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { formatQuantity, quantityOf } from "#machinery/quantity.ts";
import { formatTime } from "#machinery/time.ts";
import type { NodeReading, PodReading, Usage } from "./node-reading.ts";
import { forEachOf, idlePeriodMilliseconds, periodMilliseconds, Polling } from "./polling.ts";

export interface MetricsServerOptions {
  readonly clock: Clock;
  /** Asks a node what it and the pods on it use. */
  read(node: Node, pods: readonly Pod[]): Promise<NodeReading>;
  log(message: string, error: Error): void;
}

/** A node that does not answer is told of for so long; then nothing is known of it. */
const staleMilliseconds = 120_000;
/** So many nodes are asked at a time. */
const concurrency = 16;

interface Sample {
  readonly at: number;
  readonly window: number;
  readonly node: Usage | undefined;
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, PodReading>;
}

/** Knows what nodes and pods use at the moment, by asking the kubelets (Kubernetes "Resource metrics pipeline"). */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #polling: Polling;
  readonly #samples = new Map<string, Sample>();
  #nodes: Informer<Node> | undefined;
  #pods: Informer<Pod> | undefined;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#polling = new Polling({ clock: options.clock, round: () => this.#askAll() });
  }

  start(client: Client): void {
    const failed = (error: Error): void => this.#options.log("an informer failed and goes on", error);
    const { clock } = this.#options;
    this.#nodes = new Informer<Node>(client.of(Node), { clock, failed });
    this.#pods = new Informer<Pod>(client.of(Pod), { clock, failed, indexes: { node: ({ spec: { nodeName } }) => (nodeName ? [nodeName] : []) } });
    this.#nodes.start();
    this.#pods.start();
    void Promise.all([this.#nodes.synced(), this.#pods.synced()]).then(() => this.#polling.start());
  }

  stop(): void {
    this.#polling.stop();
    this.#nodes?.stop();
    this.#pods?.stop();
  }

  async nodes(name?: string): Promise<readonly NodeMetrics[]> {
    await this.#polling.fresh();
    const all = name === undefined ? [...(this.#nodes?.list() ?? [])] : [this.#nodes?.get("", name)];
    return all.flatMap((node) => {
      const sample = node && this.#samples.get(node.metadata.name);
      return node && sample?.node ? [{ ...headOf("NodeMetrics", node, sample), usage: amounts(sample.node) }] : [];
    });
  }

  async pods(namespace: string, name?: string): Promise<readonly PodMetrics[]> {
    await this.#polling.fresh();
    const pods = this.#pods;
    const several = namespace === "" ? pods?.list() : pods?.inNamespace(namespace);
    const all = name === undefined ? [...(several ?? [])] : [pods?.get(namespace, name)];
    return all.flatMap((pod) => {
      const sample = pod && this.#samples.get(pod.spec.nodeName ?? "");
      const reading = pod && sample?.pods.get(keyOf(pod.metadata));
      if (!pod || !sample || !reading || pod.status.phase !== "Running") return [];
      const containers = reading.containers.map(({ name: container, ...usage }) => ({ name: container, usage: amounts(usage) }));
      return [{ ...headOf("PodMetrics", pod, sample), containers }];
    });
  }

  async #askAll(): Promise<void> {
    const nodes = [...(this.#nodes?.list() ?? [])];
    const names = new Set(nodes.map(({ metadata }) => metadata.name));
    for (const name of this.#samples.keys()) if (!names.has(name)) this.#samples.delete(name);
    await forEachOf(nodes, concurrency, (node) => this.#askNode(node));
  }

  async #askNode(node: Node): Promise<void> {
    const { clock, read, log } = this.#options;
    const { name } = node.metadata;
    const before = this.#samples.get(name);
    try {
      const { node: usage, pods } = await read(node, this.#pods?.byIndex("node", name) ?? []);
      const at = clock.now();
      const window = Math.max(1000, Math.min(before ? at - before.at : periodMilliseconds, idlePeriodMilliseconds));
      this.#samples.set(name, { at, window, node: usage, pods: new Map(pods.map((pod) => [keyOf(pod), pod])) });
    } catch (error) {
      if (before && clock.now() - before.at < staleMilliseconds) return;
      this.#samples.delete(name);
      if (before) log(`${name} does not tell what it uses`, error as Error);
    }
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function headOf<Name extends string>(kind: Name, { metadata }: KubeObject, { at, window }: Sample) {
  const { name, namespace, labels } = metadata;
  const head = { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) };
  return {
    apiVersion: "metrics.k8s.io/v1beta1" as const, kind, metadata: { ...head, creationTimestamp: formatTime(at) } as PodMetrics["metadata"],
    timestamp: formatTime(at), window: formatDuration(window),
  };
}

function amounts({ nanoCores, memoryBytes }: Usage): { readonly cpu: string; readonly memory: string } {
  const cpu = formatQuantity({ nanos: BigInt(Math.round(nanoCores)), format: "DecimalSI" });
  return { cpu, memory: formatQuantity(quantityOf(Math.ceil(memoryBytes / 1024) * 1024, "BinarySI")) };
}
