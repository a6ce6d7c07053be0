import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { type Behaviour, shell, type Stage } from "./stage.ts";

/** What containers have of cpu and memory, changed while they run. */

type Amounts = Readonly<Record<string, string>>;

interface Sized {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
}

/** Shares and quota of cpu, and the limit of memory, as a container's control group has them; in the words of version 1. */
const limitsInside = `
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    read quota period < /sys/fs/cgroup/cpu.max; [ "$quota" = max ] && quota=-1
    memory=$(cat /sys/fs/cgroup/memory.max)
  else
    quota=$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us); memory=$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes)
  fi
  echo "$quota $memory"`;

const containersOf = (sizes: readonly Sized[]): readonly object[] => sizes.map((resources, index) => ({ ...shell("sleep 600", { resources }), name: `c${index + 1}` }));

/** The pod's containers have these sizes, in the API and in their control groups, and none was restarted. */
async function has(stage: Stage, sizes: readonly Sized[]): Promise<void> {
  const { spec } = await stage.podIs("resized", "of the wanted sizes", ({ status }) =>
    sizes.every((size, index) => JSON.stringify(sorted(status.containerStatuses?.[index]?.resources)) === JSON.stringify(sorted(size)))
    && !(status.conditions ?? []).some(({ type }) => type.startsWith("PodResize")));
  for (const [index, { limits = {} }] of sizes.entries()) {
    const name = `c${index + 1}`;
    expect(spec.containers[index]?.resources).toMatchObject(sizes[index] ?? {});
    const [quota, memory] = (await stage.exec("resized", limitsInside, name)).trim().split(" ");
    const cpu = limits["cpu"];
    expect(Number(quota)).toBe(cpu === undefined ? -1 : Math.max(1000, Number.parseInt(cpu, 10) * 100));
    if (limits["memory"] !== undefined) expect(Number(memory)).toBe(Number.parseInt(limits["memory"], 10) * 1024 * 1024);
  }
  const { status } = await stage.of(Pod).get(stage.namespace, "resized");
  expect(status.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual(sizes.map(() => 0));
}

function sorted({ requests = {}, limits = {} }: Sized = {}): object {
  const inOrder = (amounts: Amounts): object => Object.fromEntries(Object.entries(amounts).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return [inOrder(requests), inOrder(limits)];
}

const resize = (stage: Stage, sizes: readonly Sized[]): Promise<unknown> => stage.of(Pod).patch(
  stage.namespace, "resized", "application/strategic-merge-patch+json",
  { spec: { containers: sizes.map((resources, index) => ({ name: `c${index + 1}`, resources })) } }, {}, "resize",
);

const resizes = (name: string, before: readonly Sized[], after: readonly Sized[], back: boolean): Behaviour => [
  `[sig-node] Pod InPlace Resize Container burstable pods - extended ${name} [MinimumKubeletVersion:1.34] [Conformance]`,
  async (stage) => {
    await stage.runPod("resized", { containers: containersOf(before) });
    await has(stage, before);
    await resize(stage, after);
    await has(stage, after);
    if (!back) return;
    await resize(stage, before);
    await has(stage, before);
  },
];

export const resizing: readonly Behaviour[] = [
  resizes("6 containers - various operations performed (including adding limits and requests)", [
    { requests: { cpu: "20m" } }, { requests: { memory: "35Mi" } }, { requests: { cpu: "20m", memory: "35Mi" } },
    { requests: { cpu: "20m" } }, { requests: { memory: "35Mi" } }, { requests: { cpu: "20m" }, limits: { cpu: "30m" } },
  ], [
    { requests: { cpu: "25m" }, limits: { cpu: "35m" } }, { requests: { memory: "30Mi" }, limits: { memory: "50Mi" } },
    { requests: { cpu: "20m", memory: "30Mi" } }, { requests: { cpu: "15m", memory: "35Mi" } }, { requests: { cpu: "20m", memory: "40Mi" } },
    { requests: { cpu: "25m" }, limits: { cpu: "25m" } },
  ], false),
  resizes("resize with equivalents", [{ requests: { cpu: "2m" }, limits: { cpu: "10m" } }], [{ requests: { cpu: "1m" }, limits: { cpu: "5m" } }], true),
  ["[sig-node] Pod InPlace Resize Container resize pod via the replace endpoint [MinimumKubeletVersion:1.34] [Conformance]", async (stage) => {
    const [before, after] = [{ requests: { cpu: "20m", memory: "35Mi" }, limits: { cpu: "20m", memory: "35Mi" } },
      { requests: { cpu: "25m", memory: "40Mi" }, limits: { cpu: "25m", memory: "40Mi" } }];
    await stage.runPod("resized", { containers: containersOf([before]) });
    await stage.until("it is replaced", async () => {
      const pod = await stage.of(Pod).get(stage.namespace, "resized");
      const containers = pod.spec.containers.map((container) => ({ ...container, resources: after }));
      const call = { verb: "update", resource: Pod, namespace: stage.namespace, name: "resized", subresource: "resize" } as const;
      return stage.real.client.transport.call({ ...call, body: { ...pod, spec: { ...pod.spec, containers } } });
    });
    await has(stage, [after]);
  }],
];
