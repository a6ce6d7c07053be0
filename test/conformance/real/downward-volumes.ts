import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { type Behaviour, image, shell, type Stage } from "./stage.ts";

/** What a pod knows of itself from files: the downward API's volumes, by themselves and projected. */

interface Wishes {
  readonly items: readonly object[];
  readonly defaultMode?: number;
}

type Source = (wishes: Wishes) => object;

const plain: Source = (downwardAPI) => ({ downwardAPI });
const projected: Source = ({ items, defaultMode }) => ({ projected: { defaultMode, sources: [{ downwardAPI: { items } }] } });

const podName = { path: "podname", fieldRef: { fieldPath: "metadata.name" } };
const volumeMounts = [{ name: "podinfo", mountPath: "/etc/podinfo" }];
const limited = { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } };

/** What a container sees in a file, and its mode. */
function seenIn(stage: Stage, source: Source, wishes: Wishes, resources: object = {}): Promise<string> {
  const [item] = wishes.items as readonly { readonly path: string }[];
  const script = `cat /etc/podinfo/${item?.path}; stat -L -c ' %a' /etc/podinfo/${item?.path}`;
  return stage.outputOf("downward", {
    containers: [shell(script, { volumeMounts, resources, securityContext: { runAsUser: 0 } })], volumes: [{ name: "podinfo", ...source(wishes) }],
  });
}

const tellsPodName = async (stage: Stage, source: Source): Promise<void> =>
  expect(await seenIn(stage, source, { items: [podName] })).toBe("downward 644\n");

const hasDefaultMode = async (stage: Stage, source: Source): Promise<void> =>
  expect(await seenIn(stage, source, { items: [podName], defaultMode: 0o400 })).toBe("downward 400\n");

const hasItemMode = async (stage: Stage, source: Source): Promise<void> =>
  expect(await seenIn(stage, source, { items: [{ ...podName, mode: 0o400 }] })).toBe("downward 400\n");

const tellsResource = (resource: string, expected: RegExp, resources: object) => async (stage: Stage, source: Source): Promise<void> => {
  const item = { path: "amount", resourceFieldRef: { containerName: "main", resource } };
  expect(await seenIn(stage, source, { items: [item] }, resources)).toMatch(expected);
};

/** A change of the pod's labels or annotations comes into the file. */
const follows = (field: "labels" | "annotations") => async (stage: Stage, source: Source): Promise<void> => {
  const volume = source({ items: [{ path: field, fieldRef: { fieldPath: `metadata.${field}` } }] });
  await stage.runPod("downward", { containers: [{ name: "main", image, volumeMounts }], volumes: [{ name: "podinfo", ...volume }] }, { [field]: { key: "value1" } });
  const seen = (): Promise<string> => stage.exec("downward", `cat /etc/podinfo/${field}`);
  expect(await seen()).toContain('key="value1"');
  await stage.of(Pod).patch(stage.namespace, "downward", "application/merge-patch+json", { metadata: { [field]: { key: "value3" } } });
  await stage.until("the file follows", async () => (await seen()).includes('key="value3"'), 120);
};

const cases: readonly (readonly [name: string, body: (stage: Stage, source: Source) => Promise<void>, only?: Source])[] = [
  ["should provide podname only", tellsPodName],
  ["should set DefaultMode on files [LinuxOnly]", hasDefaultMode],
  ["should set mode on item file [LinuxOnly]", hasItemMode],
  ["should update labels on modification", follows("labels")],
  ["should update annotations on modification", follows("annotations"), projected],
  ["should provide container's cpu limit", tellsResource("limits.cpu", /^2 /, limited)],
  ["should provide container's memory limit", tellsResource("limits.memory", /^67108864 /, limited)],
  ["should provide container's cpu request", tellsResource("requests.cpu", /^1 /, limited), projected],
  ["should provide container's memory request", tellsResource("requests.memory", /^33554432 /, limited)],
  ["should provide node allocatable (cpu) as default cpu limit if the limit is not set", tellsResource("limits.cpu", /^[1-9]/, {})],
  ["should provide node allocatable (memory) as default memory limit if the limit is not set", tellsResource("limits.memory", /^[1-9]/, {})],
];

const suites: readonly (readonly [suite: string, source: Source])[] = [["Downward API volume", plain], ["Projected downwardAPI", projected]];

export const downwardVolumes: readonly Behaviour[] = suites.flatMap(([suite, source]) =>
  cases.filter(([, , only]) => only === undefined || only === source)
    .map(([name, body]): Behaviour => [`[sig-storage] ${suite} ${name} [Conformance] [NodeConformance]`, (stage) => body(stage, source)]));
