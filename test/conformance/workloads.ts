import { expect } from "vitest";
import type { Scale } from "#api/autoscaling/scale.ts";
import { Pod } from "#api/core/pod.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { Stage } from "./conformance.ts";

/** What the behaviours of workloads have in common. */

export const mergePatch = "application/merge-patch+json";
export const strategicPatch = "application/strategic-merge-patch+json";
export const httpd = "registry.k8s.io/e2e-test-images/httpd:2.4.38-4";
export const newHttpd = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4";
/** One that no simulated node finds. */
export const missingImage = "missing.example.com/httpd:1";

export function templateOf(labels: Readonly<Record<string, string>>, image = httpd, spec: object = {}) {
  const readinessProbe = { httpGet: { path: "/index.html", port: 80 }, periodSeconds: 1, successThreshold: 1, failureThreshold: 1 };
  return { metadata: { labels }, spec: { containers: [{ name: "webserver", image, readinessProbe }], ...spec } };
}

/** The pods that no one has deleted, by name. */
export async function podsOf({ of, namespace }: Stage, labelSelector: string): Promise<readonly Pod[]> {
  const { items } = await of(Pod).list(namespace, { labelSelector });
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export async function imagesOf(stage: Stage, labelSelector: string): Promise<readonly string[]> {
  return (await podsOf(stage, labelSelector)).map(({ spec }) => spec.containers[0]!.image!);
}

/** Has a simulated pod's readiness probes fail, or succeed again. */
export async function setReady({ of, namespace }: Stage, pod: string, ready: boolean): Promise<void> {
  await of(Pod).patch(namespace, pod, mergePatch, { metadata: { annotations: { "simulation.knarr.dev/ready": String(ready) } } });
}

/** Reads the scale, then sets another one. */
export async function checkScale<T extends KubeObject>({ client, namespace, of, until }: Stage, kind: KindReference<T>, name: string): Promise<void> {
  const call = { resource: kind, namespace, name, subresource: "scale" };
  const scale = (await client.transport.call({ ...call, verb: "get" })) as Scale;
  expect([scale.kind, scale.spec.replicas, scale.status.replicas]).toEqual(["Scale", 1, 1]);
  const updated = (await client.transport.call({ ...call, verb: "update", body: { ...scale, spec: { replicas: 2 } } })) as Scale;
  expect(updated.spec.replicas).toBe(2);
  const scaled = await of(kind).get(namespace, name) as T & { readonly spec: { readonly replicas: number } };
  expect(scaled.spec.replicas).toBe(2);
  await client.transport.call({ ...call, verb: "patch", patchType: mergePatch, body: { spec: { replicas: 4 } } });
  await until("the patched scale is reached", async () => {
    const { status } = (await client.transport.call({ ...call, verb: "get" })) as Scale;
    return status.replicas === 4;
  });
}

interface WithConditions extends KubeObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Reads, updates and patches the status; conditions of others stay. */
export async function checkStatusEndpoints<T extends WithConditions>(stage: Stage, kind: KindReference<T>, name: string): Promise<void> {
  const { client, of, namespace, until } = stage;
  const read = async (): Promise<T> => (await client.transport.call({ verb: "get", resource: kind, namespace, name, subresource: "status" })) as T;
  const types = async (): Promise<string[]> => ((await of(kind).get(namespace, name)).status.conditions ?? []).map(({ type }) => type);
  await until("the status is updated", async () => {
    const object = await read();
    const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
    return of(kind).updateStatus({ ...object, status: { ...object.status, conditions: [...(object.status.conditions ?? []), condition] } });
  });
  await until("the update shows", async () => (await types()).includes("StatusUpdate"));
  await of(kind).patch(namespace, name, strategicPatch, { status: { conditions: [{ type: "StatusPatched", status: "True" }] } }, undefined, "status");
  await until("the patch shows", async () => (await types()).includes("StatusPatched"));
  expect(await types()).toContain("StatusUpdate");
}

/** Lists by a label, and deletes what it lists. */
export async function checkCollection<T extends KubeObject>(
  { of, namespace, until }: Stage, kind: KindReference<T>, labelSelector: string, count: number,
): Promise<void> {
  expect((await of(kind).list(namespace, { labelSelector })).items).toHaveLength(count);
  await of(kind).deleteCollection(namespace, { labelSelector });
  await until("all are gone", async () => (await of(kind).list(namespace, { labelSelector })).items.length === 0);
}

/** A pod that nobody owns is adopted by `owner`. */
export async function isAdopted({ of, namespace, until }: Stage, pod: string, owner: KubeObject): Promise<void> {
  await until("the pod is adopted", async () => (await of(Pod).get(namespace, pod)).metadata.ownerReferences?.[0]?.uid === owner.metadata.uid);
}

/** Once its label no longer matches, a pod is let go. */
export async function isReleased({ of, namespace, until }: Stage, pod: string, label: string): Promise<void> {
  await of(Pod).patch(namespace, pod, mergePatch, { metadata: { labels: { [label]: "not-matching" } } });
  await until("the pod is let go", async () => (await of(Pod).get(namespace, pod)).metadata.ownerReferences === undefined);
}
