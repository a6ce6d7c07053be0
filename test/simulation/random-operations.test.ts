import { expect, test } from "vitest";
import { ControllerRevision } from "#api/apps/controller-revision.ts";
import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Endpoints } from "#api/core/endpoints.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { isAlreadyExists, isNotFound } from "#machinery/status-error.ts";
import { type Random, seededRandom } from "#machinery/random.ts";
import { abandon, expectLasting, lastingPods, type LastingWorkloads, sustain } from "./lasting-workloads.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

const nodes = ["a", "b", "c"];
const operations = 60;
const namespaces = ["default", "red", "blue"];
const names = ["web", "api"];

/** What a user has asked for, so far. */
interface Wanted {
  /** By `namespace/name`. */
  readonly deployments: Map<string, { replicas: number; image: string; paused: boolean }>;
  readonly lasting: LastingWorkloads;
  readonly services: Set<string>;
  readonly namespaces: Set<string>;
}

interface Step {
  readonly cluster: SimulatedCluster;
  readonly wanted: Wanted;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
}

const mergePatch = "application/merge-patch+json";

function labelsOf(name: string) {
  return { app: name };
}

async function deploy({ cluster, wanted, random, namespace, name }: Step): Promise<void> {
  const [replicas, image, key] = [random.integer(6), `web:${random.integer(3)}`, `${namespace}/${name}`];
  const known = wanted.deployments.get(key);
  if (known) {
    const template = { spec: { containers: [{ name: "web", image }] } };
    const patch = random.integer(2) === 0 ? { spec: { template } } : { spec: { replicas } };
    await cluster.of(Deployment).patch(namespace, name, "application/strategic-merge-patch+json", patch);
    if ("template" in patch.spec) known.image = image;
    else known.replicas = replicas;
    return;
  }
  const strategies = [undefined, { type: "Recreate" }, { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }] as const;
  const labels = labelsOf(name);
  const spec = {
    replicas, selector: { matchLabels: labels }, strategy: strategies[random.integer(3)],
    template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } },
  };
  try {
    await cluster.of(Deployment).create({ metadata: { name, namespace }, spec });
    wanted.deployments.set(key, { replicas, image, paused: false });
  } catch (error) {
    // The one before it is still on its way out.
    if (!isAlreadyExists(error)) throw error;
  }
}

async function pause({ cluster, wanted, namespace, name }: Step): Promise<void> {
  const known = wanted.deployments.get(`${namespace}/${name}`);
  if (!known) return;
  await cluster.of(Deployment).patch(namespace, name, mergePatch, { spec: { paused: !known.paused } });
  known.paused = !known.paused;
}

async function undeploy({ cluster, wanted, random, namespace, name }: Step): Promise<void> {
  if (!wanted.deployments.delete(`${namespace}/${name}`)) return;
  await cluster.of(Deployment).delete(namespace, name, { propagationPolicy: random.integer(2) === 0 ? "Foreground" : "Background" });
}

async function killPod({ cluster, random, namespace }: Step): Promise<void> {
  const { items } = await cluster.of(Pod).list(namespace);
  const pod = items[random.integer(Math.max(1, items.length))];
  if (pod) await cluster.of(Pod).delete(namespace, pod.metadata.name);
}

/** A pod that leaves its set's selector lives on alone; here it is deleted, and its set has to make another. */
async function isolatePod({ cluster, random, namespace }: Step): Promise<void> {
  const { items } = await cluster.of(Pod).list(namespace);
  const pod = items[random.integer(Math.max(1, items.length))];
  if (!pod) return;
  await cluster.of(Pod).patch(namespace, pod.metadata.name, mergePatch, { metadata: { labels: { app: "isolated" } } });
  await cluster.pass(1);
  await cluster.of(Pod).delete(namespace, pod.metadata.name);
}

async function killSet({ cluster, random, namespace }: Step): Promise<void> {
  const { items } = await cluster.of(ReplicaSet).list(namespace);
  const set = items[random.integer(Math.max(1, items.length))];
  if (set) await cluster.of(ReplicaSet).delete(namespace, set.metadata.name, { propagationPolicy: "Background" });
}

/** Somebody else writes what controllers write. */
async function meddle({ cluster, random, namespace }: Step): Promise<void> {
  const { items: sets } = await cluster.of(ReplicaSet).list(namespace);
  const set = sets[random.integer(Math.max(1, sets.length))];
  if (set) await cluster.of(ReplicaSet).patch(namespace, set.metadata.name, mergePatch, { spec: { replicas: random.integer(5) } }, undefined, "scale");
  const { items: revisions } = await cluster.of(ControllerRevision).list(namespace);
  const revision = revisions[random.integer(Math.max(1, revisions.length))];
  if (revision) await cluster.of(ControllerRevision).delete(namespace, revision.metadata.name);
}

async function toggleService({ cluster, wanted, namespace, name }: Step): Promise<void> {
  const key = `${namespace}/${name}`;
  if (wanted.services.delete(key)) return void (await cluster.of(Service).delete(namespace, name));
  await cluster.of(Service).create({ metadata: { name, namespace }, spec: { selector: labelsOf(name), ports: [{ port: 80, protocol: "TCP", targetPort: 8080 }] } });
  wanted.services.add(key);
}

async function toggleNamespace({ cluster, wanted, namespace }: Step): Promise<void> {
  if (namespace === "default") return;
  if (!wanted.namespaces.delete(namespace)) {
    const gone = await cluster.of(Namespace).get("", namespace).then(() => false, isNotFound);
    if (gone) await cluster.of(Namespace).create({ metadata: { name: namespace } });
    if (gone) wanted.namespaces.add(namespace);
    return;
  }
  await cluster.of(Namespace).delete("", namespace);
  for (const keys of [wanted.deployments, wanted.lasting, wanted.services]) for (const key of keys.keys()) if (key.startsWith(`${namespace}/`)) keys.delete(key);
}

async function disturbNode({ cluster, random }: Step): Promise<void> {
  const node = nodes[random.integer(nodes.length)]!;
  if (random.integer(2) === 0) cluster.kubelets.silence(node);
  else await cluster.kubelets.revive(node);
}

/** Several at once, of the more than 80 kinds that are followed. */
async function loseWatches({ cluster, random }: Step): Promise<void> {
  for (let count = 0; count < 5; count++) cluster.loseWatch(random);
}

const moves = [loseWatches, deploy, deploy, deploy, pause, undeploy, sustain, sustain, sustain, abandon, meddle, killPod, killPod, isolatePod, killSet, toggleService, toggleService, toggleNamespace, disturbNode];

async function disturb(cluster: SimulatedCluster, random: Random): Promise<Wanted> {
  const wanted: Wanted = { deployments: new Map(), lasting: new Map(), services: new Set(), namespaces: new Set(["default"]) };
  for (let count = 0; count < operations; count++) {
    const namespace = namespaces[random.integer(namespaces.length)]!;
    const move = moves[random.integer(moves.length)]!;
    if (wanted.namespaces.has(namespace) || move === toggleNamespace) {
      await move({ cluster, wanted, random, namespace, name: names[random.integer(names.length)]! });
    }
    await cluster.pass(random.integer(30) / 10);
  }
  for (const node of nodes) await cluster.kubelets.revive(node);
  for (const [key, deployment] of wanted.deployments) {
    const [namespace = "", name = ""] = key.split("/");
    if (deployment.paused) await cluster.of(Deployment).patch(namespace, name, mergePatch, { spec: { paused: false } });
  }
  return wanted;
}

/** All pods by their workload and image. */
async function expectPods({ of }: SimulatedCluster, wanted: Wanted): Promise<readonly Pod[]> {
  const { items: pods } = await of(Pod).list("");
  const { items: sets } = await of(ReplicaSet).list("");
  const found = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const set = sets.find(({ metadata: { uid } }) => uid === metadata.ownerReferences?.[0]?.uid);
    const [owner] = (set ?? { metadata }).metadata.ownerReferences ?? [];
    const key = `${metadata.namespace}/${owner?.name} ${spec.containers[0]!.image}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  const deployed = [...wanted.deployments].map(([key, { replicas, image }]) => [`${key} ${image}`, replicas] as const);
  const asked = [...deployed, ...lastingPods(wanted.lasting, nodes.length)].filter(([, replicas]) => replicas > 0);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(asked));
  return pods;
}

async function expectEndpoints({ of }: SimulatedCluster, wanted: Wanted, pods: readonly Pod[]): Promise<void> {
  const [slices, endpoints] = [(await of(EndpointSlice).list("")).items, (await of(Endpoints).list("")).items];
  const isOurs = ({ metadata }: EndpointSlice | Endpoints): boolean => !["kubernetes", "kube-dns"].some((name) => metadata.name.startsWith(name));
  for (const key of wanted.services) {
    const [namespace, name] = key.split("/");
    const addresses = pods.filter(({ metadata }) => metadata.namespace === namespace && metadata.labels!["app"] === name).map(({ status }) => status.podIP!).sort();
    const ofService = slices.filter(({ metadata }) => metadata.namespace === namespace && metadata.labels!["kubernetes.io/service-name"] === name);
    expect(ofService.flatMap((slice) => slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses).sort()).toEqual(addresses);
    const legacy = endpoints.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    expect((legacy?.subsets ?? []).flatMap((subset) => subset.addresses ?? []).map(({ ip }) => ip)).toEqual(addresses);
  }
  expect(endpoints.filter(isOurs)).toHaveLength(wanted.services.size);
  expect(slices.filter(isOurs)).toHaveLength(wanted.services.size);
}

test.each([1, 2, 3, 4])("whatever users and nodes do, the asked-for state is reached and nothing is left over (seed %i)", async (seed) => {
  const cluster = await clusterForTest({ seed, nodes });
  const wanted = await disturb(cluster, seededRandom(seed));
  await cluster.pass(120);
  for (const [key, { replicas }] of wanted.deployments) {
    const [namespace = "", name = ""] = key.split("/");
    const { metadata, status } = await cluster.of(Deployment).get(namespace, name);
    const { observedGeneration, updatedReplicas = 0, availableReplicas = 0, terminatingReplicas = 0 } = status;
    expect({ key, observedGeneration, updatedReplicas, availableReplicas, terminatingReplicas })
      .toEqual({ key, observedGeneration: metadata.generation, updatedReplicas: replicas, availableReplicas: replicas, terminatingReplicas: 0 });
  }
  const pods = await expectPods(cluster, wanted);
  await expectLasting(cluster, wanted.lasting, pods);
  await expectEndpoints(cluster, wanted, pods);
  const { items } = await cluster.of(Namespace).list("");
  const present = items.map(({ metadata }) => metadata.name).filter((name) => namespaces.includes(name));
  expect(present.sort()).toEqual([...wanted.namespaces].sort());
  expect(cluster.complaints).toEqual([]);
}, 30_000);
