import { ConfigMap } from "#api/core/config-map.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import { forEachOf, Polling } from "../polling.ts";
import { type Configuration, plainConfiguration, readConfiguration } from "./configuration.ts";
import { readExposition } from "./exposition.ts";
import { PodSeries, type PodValue } from "./pod-series.ts";
import { type Target, targetOf } from "./targets.ts";

export interface CustomMetricsServerOptions {
  readonly clock: Clock;
  /** What a pod serves there. @throws Error where it does not, in time or in size */
  scrape(pod: Pod, target: Target): Promise<string>;
  log(message: string, error?: Error): void;
}

/** A value, and whose it is. */
export interface MeasuredPod extends PodValue {
  readonly pod: Pod;
}

/** Where the configuration lies. */
export const configurationMap = { namespace: "kube-system", name: "custom-metrics", key: "config.yaml" } as const;

/** A pod that does not answer is told of for so long; then nothing is known of it. */
const staleMilliseconds = 120_000;
const concurrency = 16;
/** Bounds of what is remembered; what goes beyond is not looked at. */
const mostPods = 5_000;
const mostSeriesOfPod = 2_000;
const mostSeries = 200_000;

interface Known {
  readonly series: PodSeries;
  at: number;
}

/** Knows what pods tell of themselves in Prometheus' text format, as custom and external metrics. */
export class CustomMetricsServer {
  readonly #options: CustomMetricsServerOptions;
  readonly #polling: Polling;
  /** By the pod's uid. */
  readonly #known = new Map<string, Known>();
  /** Series of all pods together. */
  #size = 0;
  #configuration: Configuration = plainConfiguration;
  #pods: Informer<Pod> | undefined;
  #maps: Informer<ConfigMap> | undefined;

  constructor(options: CustomMetricsServerOptions) {
    this.#options = options;
    this.#polling = new Polling({ clock: options.clock, round: () => this.#askAll() });
  }

  start(client: Client): void {
    const { clock, log } = this.#options;
    const failed = (error: Error): void => log("an informer failed and goes on", error);
    const { namespace, name } = configurationMap;
    this.#pods = new Informer<Pod>(client.of(Pod), { clock, failed });
    this.#maps = new Informer<ConfigMap>(client.of(ConfigMap), { clock, failed, namespace, fieldSelector: `metadata.name=${name}` });
    this.#maps.subscribe((change) => this.#configure(change.type === "deleted" ? undefined : change.object));
    this.#pods.start();
    this.#maps.start();
    void Promise.all([this.#pods.synced(), this.#maps.synced()]).then(() => this.#polling.start());
  }

  stop(): void {
    this.#polling.stop();
    this.#pods?.stop();
    this.#maps?.stop();
  }

  /** Values of one metric. @param namespace all of them when "" */
  async measured(metric: string, namespace: string): Promise<readonly MeasuredPod[]> {
    await this.#polling.fresh();
    return this.#all(namespace, metric);
  }

  /** Values of a metric that a namespace asks for without naming an object: one that is configured for all, or its own pods'. */
  async external(metric: string, namespace: string): Promise<readonly MeasuredPod[]> {
    const rule = this.#configuration.external.find(({ name }) => name === metric);
    if (!rule) return this.measured(metric, namespace);
    const values = await this.measured(rule.metric, rule.namespace);
    return values.filter(({ labels }) => Object.entries(rule.labels ?? {}).every(([key, value]) => labels[key] === value));
  }

  /** Everything that there is at the moment. */
  current(): readonly MeasuredPod[] {
    return this.#all("");
  }

  externalNames(): readonly string[] {
    return this.#configuration.external.map(({ name }) => name);
  }

  #all(namespace: string, metric?: string): readonly MeasuredPod[] {
    const pods = (namespace === "" ? this.#pods?.list() : this.#pods?.inNamespace(namespace)) ?? [];
    const valuesOf = ({ metadata }: Pod): readonly PodValue[] => this.#known.get(metadata.uid)?.series.values(metric) ?? [];
    return [...pods].flatMap((pod) => valuesOf(pod).map((each) => ({ ...each, pod })));
  }

  #configure(map: ConfigMap | undefined): void {
    const { namespace, name, key } = configurationMap;
    const text = map?.data?.[key];
    try {
      this.#configuration = text === undefined ? plainConfiguration : readConfiguration(text);
    } catch (error) {
      this.#options.log(`${key} of config map ${namespace}/${name} is not right, and goes on as before`, error as Error);
    }
  }

  #forget(uid: string): boolean {
    this.#size -= this.#known.get(uid)?.series.size ?? 0;
    return this.#known.delete(uid);
  }

  async #askAll(): Promise<void> {
    const pods = [...(this.#pods?.list() ?? [])];
    const targets = pods.flatMap((pod) => {
      const target = targetOf(pod, this.#configuration.scrape);
      return target ? [{ pod, target }] : [];
    }).slice(0, mostPods);
    const uids = new Set(targets.map(({ pod }) => pod.metadata.uid));
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#forget(uid);
    await forEachOf(targets, concurrency, ({ pod, target }) => this.#ask(pod, target));
  }

  async #ask(pod: Pod, target: Target): Promise<void> {
    const { clock, scrape, log } = this.#options;
    const { uid, namespace, name } = pod.metadata;
    const known = this.#known.get(uid) ?? { series: new PodSeries(), at: 0 };
    try {
      const page = await scrape(pod, target);
      const room = mostSeries - this.#size + known.series.size;
      this.#size -= known.series.size;
      known.series.take(readExposition(page, Math.min(mostSeriesOfPod, room)), this.#configuration.rules, clock.now());
      this.#size += known.series.size;
      known.at = clock.now();
      this.#known.set(uid, known);
    } catch (error) {
      if (clock.now() - known.at < staleMilliseconds) return;
      if (this.#forget(uid)) log(`pod ${namespace}/${name} does not tell its metrics`, error as Error);
    }
  }
}
