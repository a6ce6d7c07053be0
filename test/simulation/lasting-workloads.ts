import { expect } from "vitest";
import { DaemonSet } from "#api/apps/daemon-set.ts";
import { StatefulSet } from "#api/apps/stateful-set.ts";
import type { Pod } from "#api/core/pod.ts";
import { ReplicationController } from "#api/core/replication-controller.ts";
import type { Random } from "#machinery/random.ts";
import { isAlreadyExists } from "#machinery/status-error.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

/** What a user has asked for of stateful sets, daemon sets and replication controllers, by `namespace/name`. */
export type LastingWorkloads = Map<string, { readonly kind: LastingKind; replicas: number; image: string }>;

type LastingKind = "StatefulSet" | "DaemonSet" | "ReplicationController";

interface Step {
  readonly cluster: SimulatedCluster;
  readonly wanted: { readonly lasting: LastingWorkloads };
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
}

const prefixes: Readonly<Record<LastingKind, string>> = { StatefulSet: "db", DaemonSet: "log", ReplicationController: "rc" };
const strategicPatch = "application/strategic-merge-patch+json";
const resources = { StatefulSet, DaemonSet, ReplicationController };

function templateOf(name: string, image: string) {
  return { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image }] } };
}

/** Makes one, or changes its size or its template. */
export async function sustain({ cluster, wanted, random, namespace, name: suffix }: Step): Promise<void> {
  const kind = (["StatefulSet", "StatefulSet", "DaemonSet", "ReplicationController"] as const)[random.integer(4)]!;
  const name = `${prefixes[kind]}-${suffix}`;
  const known = wanted.lasting.get(`${namespace}/${name}`);
  const [replicas, image] = [random.integer(5), `${name}:${random.integer(3)}`];
  if (!known) return create({ cluster, wanted, random, namespace, name }, kind, replicas, image);
  const resizes = kind === "ReplicationController" || (kind === "StatefulSet" && random.integer(2) === 0);
  const spec = resizes ? { replicas } : { template: templateOf(name, image) };
  await cluster.of(resources[kind] as typeof StatefulSet).patch(namespace, name, strategicPatch, { spec });
  if (resizes) known.replicas = replicas;
  else known.image = image;
}

async function create({ cluster, wanted, random, namespace, name }: Step, kind: LastingKind, replicas: number, image: string): Promise<void> {
  const spec = { selector: { matchLabels: { app: name } }, template: templateOf(name, image) };
  const metadata = { namespace, name };
  const podManagementPolicy = random.integer(2) === 0 ? "Parallel" : "OrderedReady";
  const surge = { rollingUpdate: random.integer(2) === 0 ? { maxSurge: 1, maxUnavailable: 0 } : { maxUnavailable: 1 } };
  try {
    if (kind === "StatefulSet") await cluster.of(StatefulSet).create({ metadata, spec: { ...spec, replicas, podManagementPolicy } });
    else if (kind === "DaemonSet") await cluster.of(DaemonSet).create({ metadata, spec: { ...spec, updateStrategy: surge } });
    else await cluster.of(ReplicationController).create({ metadata, spec: { ...spec, selector: { app: name }, replicas } });
    wanted.lasting.set(`${namespace}/${name}`, { kind, replicas, image });
  } catch (error) {
    // The one before it is still on its way out.
    if (!isAlreadyExists(error)) throw error;
  }
}

export async function abandon({ cluster, wanted, random, namespace }: Step): Promise<void> {
  const [key, known] = [...wanted.lasting].find(([each]) => each.startsWith(`${namespace}/`)) ?? [];
  if (key === undefined || known === undefined) return;
  wanted.lasting.delete(key);
  const propagationPolicy = random.integer(2) === 0 ? "Foreground" : "Background";
  await cluster.of(resources[known.kind] as typeof StatefulSet).delete(namespace, key.slice(namespace.length + 1), { propagationPolicy });
}

/** How many pods there are to be, by workload and image. */
export function lastingPods(lasting: LastingWorkloads, nodes: number): readonly (readonly [string, number])[] {
  return [...lasting].map(([key, { kind, replicas, image }]) => [`${key} ${image}`, kind === "DaemonSet" ? nodes : replicas]);
}

/** Stateful pods are numbered from 0, daemons are on different nodes, and the statuses say that all is as asked for. */
export async function expectLasting({ of }: SimulatedCluster, lasting: LastingWorkloads, pods: readonly Pod[]): Promise<void> {
  for (const [key, { kind, replicas }] of lasting) {
    const [namespace = "", name = ""] = key.split("/");
    const own = pods.filter(({ metadata }) => metadata.namespace === namespace && metadata.ownerReferences?.[0]?.name === name);
    if (kind === "StatefulSet") {
      expect(own.map(({ metadata }) => metadata.name).sort()).toEqual(Array.from({ length: replicas }, (_, index) => `${name}-${index}`));
      const { status } = await of(StatefulSet).get(namespace, name);
      expect([key, status.replicas, status.readyReplicas ?? 0, status.currentRevision]).toEqual([key, replicas, replicas, status.updateRevision]);
    } else if (kind === "DaemonSet") {
      expect(new Set(own.map(({ spec }) => spec.nodeName)).size).toBe(own.length);
      const { status } = await of(DaemonSet).get(namespace, name);
      expect([key, status.numberAvailable, status.updatedNumberScheduled, status.numberMisscheduled]).toEqual([key, own.length, own.length, 0]);
    } else expect([key, (await of(ReplicationController).get(namespace, name)).status.readyReplicas ?? 0]).toEqual([key, replicas]);
  }
}
