import { expect } from "vitest";
import { WatchLog } from "#apiserver/testing/watch-log.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import type { ApiQuery } from "#client/transport.ts";
import { conformance, type Stage } from "../conformance.ts";

const label = "watch-this-configmap";

/** A config map that watches look for by its label. */
function labelled(namespace: string, name: string, value: string, data?: Readonly<Record<string, string>>) {
  return { metadata: { namespace, name, labels: { [label]: value } }, ...(data ? { data } : {}) };
}

function watch({ of, namespace }: Stage, query: ApiQuery): WatchLog & { close(): void } {
  const log = new WatchLog();
  const handle = of(ConfigMap).watch(namespace, query, log);
  return Object.assign(log, { close: () => handle.close() });
}

const mutate = ({ of, namespace }: Stage, name: string, mutation: number): Promise<ConfigMap> =>
  of(ConfigMap).patch(namespace, name, "application/merge-patch+json", { data: { mutation: String(mutation) } });

conformance("[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  const maps = of(ConfigMap);
  const [a, b] = [watch(stage, { labelSelector: `${label}=a` }), watch(stage, { labelSelector: `${label}=b` })];
  const both = watch(stage, { labelSelector: `${label} in (a,b)` });
  await maps.create(labelled(namespace, "map-a", "a"));
  for (const mutation of [1, 2]) await mutate(stage, "map-a", mutation);
  await maps.delete(namespace, "map-a");
  await maps.create(labelled(namespace, "map-b", "b"));
  await maps.delete(namespace, "map-b");
  const ofA = ["ADDED map-a", "MODIFIED map-a", "MODIFIED map-a", "DELETED map-a"];
  const ofB = ["ADDED map-b", "DELETED map-b"];
  await both.count(6);
  expect([a.lines, b.lines, both.lines]).toEqual([ofA, ofB, [...ofA, ...ofB]]);
  expect(a.events.map(({ object }) => (object as ConfigMap).data?.mutation)).toEqual([undefined, "1", "2", "2"]);
});

conformance("[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  await of(ConfigMap).create(labelled(namespace, "map", "from-version"));
  const { metadata: { resourceVersion } } = await mutate(stage, "map", 1);
  await mutate(stage, "map", 2);
  await of(ConfigMap).delete(namespace, "map");
  const seen = watch(stage, { labelSelector: `${label}=from-version`, resourceVersion });
  await seen.count(2);
  expect(seen.lines).toEqual(["MODIFIED map", "DELETED map"]);
  expect((seen.events[0]!.object as ConfigMap).data).toEqual({ mutation: "2" });
});

conformance(
  "[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]",
  async (stage) => {
    const { of, namespace } = stage;
    const labelSelector = `${label}=closed`;
    const first = watch(stage, { labelSelector });
    await of(ConfigMap).create(labelled(namespace, "map", "closed"));
    await mutate(stage, "map", 1);
    await first.count(2);
    first.close();
    await mutate(stage, "map", 2);
    await of(ConfigMap).delete(namespace, "map");
    const second = watch(stage, { labelSelector, resourceVersion: first.events[1]!.object.metadata.resourceVersion });
    await second.count(2);
    expect(first.lines).toEqual(["ADDED map", "MODIFIED map"]);
    expect(second.lines).toEqual(["MODIFIED map", "DELETED map"]);
  },
);

conformance(
  "[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]",
  async (stage) => {
    const { of, namespace } = stage;
    const seen = watch(stage, { labelSelector: `${label}=changing` });
    const relabel = (value: string) =>
      of(ConfigMap).patch(namespace, "map", "application/merge-patch+json", { metadata: { labels: { [label]: value } } });
    await of(ConfigMap).create(labelled(namespace, "map", "changing"));
    await mutate(stage, "map", 1);
    await relabel("changed");
    await mutate(stage, "map", 2);
    await relabel("changing");
    await mutate(stage, "map", 3);
    await of(ConfigMap).delete(namespace, "map");
    await seen.count(6);
    expect(seen.lines).toEqual(["ADDED map", "MODIFIED map", "DELETED map", "ADDED map", "MODIFIED map", "DELETED map"]);
    expect(seen.events.map(({ object }) => (object as ConfigMap).data?.mutation)).toEqual([undefined, "1", "1", "2", "3", "3"]);
  },
);

conformance("[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  const changes = 20;
  const first = watch(stage, { resourceVersion: "0" });
  const all = [first];
  for (let change = 0; change < changes; change++) {
    const { metadata: { resourceVersion } } = await of(ConfigMap).create({ metadata: { namespace, name: `map-${change}` } });
    const goes = change % 2 === 1 ? [of(ConfigMap).delete(namespace, `map-${change - 1}`)] : [];
    await Promise.all([mutate(stage, `map-${change}`, change), ...goes]);
    all.push(watch(stage, { resourceVersion }));
  }
  const { metadata: { resourceVersion } } = await of(ConfigMap).create({ metadata: { namespace, name: "last" } });
  const versions = ({ events }: WatchLog): string[] => events.map(({ object }) => object.metadata.resourceVersion);
  for (const log of all) await stage.until("the watch has seen the last change", async () => versions(log).includes(resourceVersion));
  const order = versions(first);
  for (const log of all.slice(1)) expect(versions(log)).toEqual(order.slice(order.indexOf(versions(log)[0]!)));
});
