import { expect } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Secret } from "#api/core/secret.ts";
import { type Behaviour, image, shell, type Stage } from "./stage.ts";

/** Volumes of config maps and secrets, by themselves and projected. */

type Data = Readonly<Record<string, string>>;

interface VolumeWishes {
  readonly name: string;
  readonly items?: readonly object[];
  readonly optional?: boolean;
  readonly defaultMode?: number;
}

/** Where the keys come from. */
interface Objects {
  make(stage: Stage, name: string, data: Data): Promise<unknown>;
  change(stage: Stage, name: string, data: Data): Promise<unknown>;
  remove(stage: Stage, name: string): Promise<unknown>;
}

/** One way of having an object's keys as files. */
interface Source extends Objects {
  volume(wishes: VolumeWishes): object;
}

const mergePatch = "application/merge-patch+json";
const base64 = (data: Data): Data => Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));

const maps: Objects = {
  make: (stage, name, data) => stage.of(ConfigMap).create({ metadata: { namespace: stage.namespace, name }, data }),
  change: (stage, name, data) => stage.of(ConfigMap).patch(stage.namespace, name, mergePatch, { data }),
  remove: (stage, name) => stage.of(ConfigMap).delete(stage.namespace, name),
};
const secrets: Objects = {
  make: (stage, name, data) => stage.of(Secret).create({ metadata: { namespace: stage.namespace, name }, data: base64(data) }),
  change: (stage, name, data) => stage.of(Secret).patch(stage.namespace, name, mergePatch, { data: base64(data) }),
  remove: (stage, name) => stage.of(Secret).delete(stage.namespace, name),
};

const configMap: Source = { ...maps, volume: (wishes) => ({ configMap: wishes }) };
const secret: Source = { ...secrets, volume: ({ name, ...wishes }) => ({ secret: { secretName: name, ...wishes } }) };
const projectedMap: Source = { ...maps, volume: ({ defaultMode, ...wishes }) => ({ projected: { defaultMode, sources: [{ configMap: wishes }] } }) };
const projectedSecret: Source = { ...secrets, volume: ({ defaultMode, ...wishes }) => ({ projected: { defaultMode, sources: [{ secret: wishes }] } }) };

interface Wishes {
  /** To another path, of this mode where given. */
  readonly mapped?: true | number;
  readonly defaultMode?: number;
  /** Default root. */
  readonly user?: number;
  readonly group?: number;
  /** What the file's mode comes to. */
  readonly mode?: string;
}

const data: Data = { "data-1": "value-1", "data-2": "value-2", "data-3": "value-3" };

/** A pod reads a key's file as the wished user, and sees its mode. */
async function isConsumable(stage: Stage, source: Source, { mapped, defaultMode, user = 0, group, mode = "644" }: Wishes): Promise<void> {
  await source.make(stage, "test-volume", data);
  const path = mapped === undefined ? "data-2" : "path/to/data-2";
  const items = mapped === undefined ? undefined : [{ key: "data-2", path, ...(mapped === true ? {} : { mode: mapped }) }];
  const output = await stage.outputOf("reader", {
    containers: [shell(`cat /etc/test-volume/${path}; stat -L -c ' %a' /etc/test-volume/${path}`, { volumeMounts: [{ name: "v", mountPath: "/etc/test-volume", readOnly: true }] })],
    volumes: [{ name: "v", ...source.volume({ name: "test-volume", items, defaultMode }) }],
    securityContext: { runAsUser: user, fsGroup: group },
  });
  expect(output).toBe(`value-2 ${mode}\n`);
}

async function isConsumableTwice(stage: Stage, source: Source): Promise<void> {
  await source.make(stage, "test-volume", data);
  const output = await stage.outputOf("reader", {
    containers: [shell("cat /etc/one/data-1 /etc/two/data-1", { volumeMounts: [{ name: "one", mountPath: "/etc/one" }, { name: "two", mountPath: "/etc/two" }] })],
    volumes: ["one", "two"].map((name) => ({ name, ...source.volume({ name: "test-volume" }) })),
  });
  expect(output).toBe("value-1value-1");
}

async function isUpdated(stage: Stage, source: Source): Promise<void> {
  await source.make(stage, "test-volume", data);
  await stage.runPod("reader", {
    containers: [{ name: "main", image, volumeMounts: [{ name: "v", mountPath: "/etc/v" }] }], volumes: [{ name: "v", ...source.volume({ name: "test-volume" }) }],
  });
  expect(await stage.exec("reader", "cat /etc/v/data-1")).toBe("value-1");
  await source.change(stage, "test-volume", { "data-1": "value-2" });
  await stage.until("the file is another", async () => (await stage.exec("reader", "cat /etc/v/data-1")) === "value-2", 120);
}

/** Three optional volumes: the object of one goes, that of another changes, that of the third comes. */
async function followsOptional(stage: Stage, source: Source): Promise<void> {
  for (const name of ["del", "upd"]) await source.make(stage, name, data);
  const names = ["del", "upd", "create"];
  await stage.runPod("reader", {
    containers: [{ name: "main", image, volumeMounts: names.map((name) => ({ name, mountPath: `/etc/${name}` })) }],
    volumes: names.map((name) => ({ name, ...source.volume({ name, optional: true }) })),
  });
  const seen = (): Promise<string> => stage.exec("reader", "for name in del upd create; do cat /etc/$name/data-1 2>/dev/null || echo -n none; echo -n ' '; done");
  expect(await seen()).toBe("value-1 value-1 none ");
  await source.remove(stage, "del");
  await source.change(stage, "upd", { "data-1": "value-3" });
  await source.make(stage, "create", data);
  await stage.until("all three follow", async () => (await seen()) === "none value-3 value-1 ", 120);
}

const consumable: readonly (readonly [name: string, source: Source, wishes: Wishes])[] = [
  ["ConfigMap should be consumable from pods in volume", configMap, {}],
  ["ConfigMap should be consumable from pods in volume with defaultMode set [LinuxOnly]", configMap, { defaultMode: 0o400, mode: "400" }],
  ["ConfigMap should be consumable from pods in volume with mappings", configMap, { mapped: true }],
  ["ConfigMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly]", configMap, { mapped: 0o400, mode: "400" }],
  ["ConfigMap should be consumable from pods in volume with mappings as non-root", configMap, { mapped: true, user: 1000 }],
  ["Secrets should be consumable from pods in volume", secret, {}],
  ["Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly]", secret,
    { defaultMode: 0o440, user: 1000, group: 1001, mode: "440" }],
  ["Secrets should be consumable from pods in volume with mappings", secret, { mapped: true }],
  ["Projected configMap should be consumable from pods in volume", projectedMap, {}],
  ["Projected configMap should be consumable from pods in volume as non-root", projectedMap, { user: 1000 }],
  ["Projected configMap should be consumable from pods in volume with defaultMode set [LinuxOnly]", projectedMap, { defaultMode: 0o400, mode: "400" }],
  ["Projected configMap should be consumable from pods in volume with mappings", projectedMap, { mapped: true }],
  ["Projected configMap should be consumable from pods in volume with mappings as non-root", projectedMap, { mapped: true, user: 1000 }],
  ["Projected secret should be consumable from pods in volume", projectedSecret, {}],
  ["Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly]", projectedSecret,
    { defaultMode: 0o440, user: 1000, group: 1001, mode: "440" }],
  ["Projected secret should be consumable from pods in volume with defaultMode set [LinuxOnly]", projectedSecret, { defaultMode: 0o400, mode: "400" }],
  ["Projected secret should be consumable from pods in volume with mappings", projectedSecret, { mapped: true }],
];

const others: readonly (readonly [name: string, source: Source, body: (stage: Stage, source: Source) => Promise<void>])[] = [
  ["ConfigMap should be consumable in multiple volumes in the same pod", configMap, isConsumableTwice],
  ["ConfigMap updates should be reflected in volume", configMap, isUpdated],
  ["ConfigMap optional updates should be reflected in volume", configMap, followsOptional],
  ["Secrets should be consumable in multiple volumes in a pod", secret, isConsumableTwice],
  ["Secrets optional updates should be reflected in volume", secret, followsOptional],
  ["Projected configMap optional updates should be reflected in volume", projectedMap, followsOptional],
  ["Projected secret should be consumable in multiple volumes in a pod", projectedSecret, isConsumableTwice],
  ["Projected secret optional updates should be reflected in volume", projectedSecret, followsOptional],
];

const inFull = (name: string): string => `[sig-storage] ${name} [Conformance] [NodeConformance]`;

export const configVolumes: readonly Behaviour[] = [
  ...consumable.map(([name, source, wishes]): Behaviour => [inFull(name), (stage) => isConsumable(stage, source, wishes)]),
  ...others.map(([name, source, body]): Behaviour => [inFull(name), (stage) => body(stage, source)]),
  ["[sig-storage] Projected combined should project all components that make up the projection API [Projection] [Conformance] [NodeConformance]", async (stage) => {
    await maps.make(stage, "map", { data: "configmap-value" });
    await secrets.make(stage, "secret", { data: "secret-value" });
    const output = await stage.outputOf("reader", {
      containers: [shell("cat /all/podname /all/secret-data /all/configmap-data", { volumeMounts: [{ name: "all", mountPath: "/all" }] })],
      volumes: [{ name: "all", projected: { sources: [
        { downwardAPI: { items: [{ path: "podname", fieldRef: { fieldPath: "metadata.name" } }] } },
        { secret: { name: "secret", items: [{ key: "data", path: "secret-data" }] } },
        { configMap: { name: "map", items: [{ key: "data", path: "configmap-data" }] } },
      ] } }],
    });
    expect(output).toBe("readersecret-valueconfigmap-value");
  }],
  ["[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod [Conformance]", async (stage) => {
    await maps.make(stage, "map", { "configmap-key": "configmap-value" });
    const output = await stage.outputOf("reader", {
      containers: [shell("cat /etc/file", { volumeMounts: [{ name: "v", mountPath: "/etc/file", subPath: "configmap-key" }] })],
      volumes: [{ name: "v", configMap: { name: "map" } }],
    });
    expect(output).toBe("configmap-value");
  }],
  ["[sig-storage] EmptyDir wrapper volumes should not cause race condition when used for configmaps [Conformance] [Serial]", async (stage) => {
    const names = Array.from({ length: 50 }, (_, index) => `racey-configmap-${index}`);
    await Promise.all(names.map((name) => maps.make(stage, name, { "data-1": "value-1" })));
    const spec = {
      containers: [shell("cat /etc/config-*/data-1", { volumeMounts: names.map((name, index) => ({ name, mountPath: `/etc/config-${index}` })) })],
      volumes: names.map((name) => ({ name, configMap: { name } })),
    };
    const outputs = await Promise.all(["a", "b", "c", "d", "e"].map((name) => stage.outputOf(name, spec)));
    for (const output of outputs) expect(output).toBe("value-1".repeat(50));
  }],
];
