import { expect } from "vitest";
import { WatchLog } from "#apiserver/testing/watch-log.ts";
import { Pod } from "#api/core/pod.ts";
import { RuntimeClass } from "#api/node/runtime-class.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../conformance.ts";
import { httpd, mergePatch, newHttpd, strategicPatch } from "../workloads.ts";

const container = { name: "webserver", image: httpd };

function makePod({ of, namespace }: Stage, name: string, spec: object = {}, metadata: object = {}): Promise<Pod> {
  return of(Pod).create({ metadata: { namespace, name, ...metadata }, spec: { containers: [container], ...spec } });
}

/** A pod that runs. */
async function runPod(stage: Stage, name: string, spec: object = {}, metadata: object = {}): Promise<Pod> {
  await makePod(stage, name, spec, metadata);
  return stage.until(`${name} runs`, async () => {
    const pod = await stage.of(Pod).get(stage.namespace, name);
    return pod.status.phase === "Running" && pod;
  });
}

conformance("[sig-node] Pods should be submitted and removed [Conformance] [NodeConformance]", async (stage) => {
  const { of, namespace, until } = stage;
  const labelSelector = "time=now";
  expect((await of(Pod).list(namespace, { labelSelector })).items).toEqual([]);
  const log = new WatchLog();
  const watch = of(Pod).watch(namespace, { labelSelector }, log);
  await runPod(stage, "pod-submit-remove", {}, { labels: { name: "foo", time: "now" } });
  expect(log.lines[0]).toBe("ADDED pod-submit-remove");
  await of(Pod).delete(namespace, "pod-submit-remove", { gracePeriodSeconds: 30 });
  const last = await until("its deletion is told", async () => log.events.find(({ type }) => type === "DELETED")?.object as Pod | undefined);
  watch.close();
  expect(last.metadata.deletionTimestamp).toBeDefined();
  expect(last.spec.terminationGracePeriodSeconds).not.toBe(0);
  expect((await of(Pod).list(namespace, { labelSelector })).items).toEqual([]);
});

conformance("[sig-node] Pods should be updated [Conformance] [NodeConformance]", async (stage) => {
  const { of, namespace } = stage;
  await runPod(stage, "pod-update", {}, { labels: { name: "foo", time: "1" } });
  const pod = await of(Pod).get(namespace, "pod-update");
  await of(Pod).update({ ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, time: "2" } } });
  expect((await of(Pod).list(namespace, { labelSelector: "time=2" })).items.map(({ metadata }) => metadata.name)).toEqual(["pod-update"]);
});

conformance("[sig-node] Pods should patch a pod status [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  await runPod(stage, "pod-patch");
  const status = { message: "Patched by e2e test", reason: "E2E" };
  const patched = await of(Pod).patch(namespace, "pod-patch", mergePatch, { metadata: { annotations: { patchedstatus: "true" } }, status }, {}, "status");
  expect(patched).toMatchObject({ metadata: { annotations: { patchedstatus: "true" } }, status });
});

conformance("[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]", async (stage) => {
  const amounts = { cpu: "100m", memory: "100Mi" };
  await makePod(stage, "pod-qos", { containers: [{ ...container, resources: { requests: amounts, limits: amounts } }] });
  expect((await stage.of(Pod).get(stage.namespace, "pod-qos")).status.qosClass).toBe("Guaranteed");
});

const generations = "[sig-node] Pods Extended (pod generation) Pod Generation";
const toleration = (tolerationSeconds: number) =>
  ({ spec: { tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds }] } });

/** The kubelet has taken note of this state of the pod. */
async function isObserved({ of, namespace, until }: Stage, name: string, generation: number): Promise<void> {
  await until(`generation ${generation} of ${name} is observed`, async () => (await of(Pod).get(namespace, name)).status.observedGeneration === generation);
}

conformance(`${generations} pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34] [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const name = "pod-generation";
  const initContainers = [{ name: "init", image: httpd }];
  expect((await makePod(stage, name, { initContainers })).metadata.generation).toBe(1);
  await isObserved(stage, name, 1);
  const changes: readonly (readonly [object, number])[] = [
    [toleration(100), 2],
    [{ spec: { containers: [{ name: "webserver", image: newHttpd }] } }, 3],
    [{ spec: { activeDeadlineSeconds: 5000 } }, 4],
    [{ spec: { initContainers: [{ name: "init", image: newHttpd }] } }, 5],
    // Neither a change of metadata, nor one that comes to nothing.
    [{ metadata: { labels: { more: "yes" } } }, 5],
    [{ spec: { activeDeadlineSeconds: 5000 } }, 5],
    [{ metadata: { generation: 77 } }, 5],
  ];
  for (const [patch, generation] of changes) {
    expect((await of(Pod).patch(namespace, name, strategicPatch, patch)).metadata.generation).toBe(generation);
    await isObserved(stage, name, generation);
  }
});

conformance(`${generations} custom-set generation on new pods and graceful delete [Conformance]`, async (stage) => {
  const { of, namespace, until } = stage;
  const name = "pod-custom-generation";
  const created = await makePod(stage, name, {}, { generation: 100, finalizers: ["example.com/test"] });
  expect(created.metadata.generation).toBe(1);
  await until("it runs", async () => (await of(Pod).get(namespace, name)).status.phase === "Running");
  await of(Pod).delete(namespace, name, { gracePeriodSeconds: 5 });
  expect((await of(Pod).get(namespace, name)).metadata.generation).toBe(2);
  await isObserved(stage, name, 2);
  await of(Pod).patch(namespace, name, mergePatch, { metadata: { finalizers: null } });
  await until("it is gone", () => of(Pod).get(namespace, name).then(() => false, isNotFound));
});

conformance(
  `${generations} issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34] [Conformance]`,
  async (stage) => {
    const name = "pod-often-changed";
    await runPod(stage, name);
    for (let count = 1; count <= 500; count++) {
      const { metadata } = await stage.of(Pod).patch(stage.namespace, name, strategicPatch, toleration(count));
      expect(metadata.generation).toBe(1 + count);
    }
    await isObserved(stage, name, 501);
  },
);

conformance("[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [Conformance] [NodeConformance]", async (stage) => {
  const { of, namespace: name } = stage;
  await of(RuntimeClass).create({ metadata: { name }, handler: "runc" });
  await of(RuntimeClass).delete("", name);
  await expect(makePod(stage, "classless", { runtimeClassName: name })).rejects.toMatchObject({ code: 403 });
});

conformance("[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead [Conformance] [NodeConformance]", async (stage) => {
  const { of, namespace: name } = stage;
  await of(RuntimeClass).create({ metadata: { name }, handler: "preconfigured" });
  await makePod(stage, "plain", { runtimeClassName: name });
  const pod = await stage.until("it is scheduled", async () => {
    const found = await of(Pod).get(stage.namespace, "plain");
    return found.spec.nodeName !== undefined && found;
  });
  expect(pod.spec.overhead).toBeUndefined();
});

conformance("[sig-node] Sysctls [LinuxOnly] should reject invalid sysctls [Conformance] [NodeConformance]", async (stage) => {
  const names = ["foo-", "kernel.shmmax", "safe-and-unsafe", "bar.."];
  const sysctls = names.map((name) => ({ name, value: "1" }));
  const refusal = (await makePod(stage, "sysctls", { securityContext: { sysctls } }).catch((error: unknown) => error)) as Error;
  for (const name of ["foo-", "bar.."]) expect(refusal.message).toContain(`Invalid value: "${name}"`);
  for (const name of ["safe-and-unsafe", "kernel.shmmax"]) expect(refusal.message).not.toContain(name);
});

conformance("[sig-node] Ephemeral Containers should update the ephemeral containers in an existing pod [Conformance] [NodeConformance]", async (stage) => {
  const { client, of, namespace, until } = stage;
  const name = "ephemeral-containers-target-pod";
  const call = { resource: Pod, namespace, name, subresource: "ephemeralcontainers" };
  await runPod(stage, name);
  expect(((await client.transport.call({ ...call, verb: "get" })) as Pod).spec.ephemeralContainers ?? []).toEqual([]);
  const added = (suffix: string) => ({ name: `debugger${suffix}`, image: httpd, command: ["sh"], stdin: true, tty: true });
  await client.transport.call({ ...call, verb: "patch", patchType: strategicPatch, body: { spec: { ephemeralContainers: [added("1")] } } });
  const names = async (): Promise<string[]> => ((await of(Pod).get(namespace, name)).spec.ephemeralContainers ?? []).map((each) => each.name);
  expect(await names()).toEqual(["debugger1"]);
  await until("the second one is added", async () => {
    const pod = (await client.transport.call({ ...call, verb: "get" })) as Pod;
    return client.transport.call({ ...call, verb: "update", body: { ...pod, spec: { ...pod.spec, ephemeralContainers: [...pod.spec.ephemeralContainers ?? [], added("2")] } } });
  });
  expect(await names()).toEqual(["debugger1", "debugger2"]);
});
