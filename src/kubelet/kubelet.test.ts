import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Lease } from "#api/generated/coordination-v1.ts";
import type { Event, Node, Pod } from "#api/generated/core-v1.ts";
import { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { parseCidr } from "#machinery/ip.ts";
import { seededRandom } from "#machinery/random.ts";
import { Kubelet } from "./kubelet.ts";
import type { NodeDescription } from "./node/node-description.ts";
import { simulatedActions, simulatedProbes } from "./runtime/simulated/simulated-actions.ts";
import { SimulatedRuntime } from "./runtime/simulated/simulated-runtime.ts";
import { FakeApi } from "./testing/fake-api.ts";
import { containerOf, podOf, probe } from "./testing/pods.ts";

const node: NodeDescription = {
  name: "node-1",
  addresses: [{ type: "InternalIP", address: "192.0.2.1" }, { type: "Hostname", address: "node-1" }],
  capacity: { cpu: "2", memory: "4Gi", pods: "5" },
  info: {
    machineID: "m", systemUUID: "s", bootID: "b", kernelVersion: "6", osImage: "test", kubeletVersion: "v1.36.0", kubeProxyVersion: "v1.36.0",
    operatingSystem: "linux", architecture: "amd64",
  },
  kubeletPort: 10_250,
};

const podKind = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

let api: FakeApi;
let clock: VirtualClock;
let runtime: SimulatedRuntime;
let kubelet: Kubelet;
const failures: string[] = [];

const failed = (what: string, error: Error): void => void failures.push(`${what}: ${error.message}`);

function kubeletOf(staticPodDirectory?: string, pendingMilliseconds?: number): Kubelet {
  return new Kubelet({
    pendingMilliseconds,
    client: new Client(api), clock, random: seededRandom(1), node, runtime, actions: simulatedActions(clock), probes: simulatedProbes, failed,
    ...(staticPodDirectory === undefined ? {} : { staticPodDirectory }),
    events: new EventRecorder({ client: new Client(api), clock, component: "kubelet", failed: (error) => failed("write an event", error) }),
  });
}

beforeEach(async () => {
  api = new FakeApi();
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
  runtime = new SimulatedRuntime({ clock, random: seededRandom(2), podRange: parseCidr("10.1.0.0/24")! });
  kubelet = kubeletOf();
  void kubelet.start();
  await clock.advance(1_000);
});

afterEach(async () => {
  await kubelet.stop();
  expect(failures.splice(0)).toEqual([]);
});

const pod = (name = "web"): Pod => api.get<Pod>("pods", name)!;
const state = (name?: string): string => {
  const { phase, reason, containerStatuses = [] } = pod(name).status;
  const parts = containerStatuses.map(({ state: { waiting, terminated }, ready, restartCount }) =>
    `${waiting?.reason ?? terminated?.reason ?? "running"}${ready ? " ready" : ""}${restartCount > 0 ? ` ×${restartCount}` : ""}`);
  return [phase, reason, ...parts].filter(Boolean).join(" ");
};
const add = (each: Pod): void => void api.put("pods", each);
const annotated = (values: Record<string, string>): { annotations: Record<string, string> } =>
  ({ annotations: Object.fromEntries(Object.entries(values).map(([key, value]) => [`simulation.knarr.dev/${key}`, value])) });
const reasons = (): string[] => api.all<Event>("events").map(({ reason }) => reason ?? "");

describe("a node", () => {
  it("registers, tells how it is, and renews its lease", async () => {
    const registered = api.get<Node>("nodes", "node-1", "")!;
    expect(registered.metadata.labels).toMatchObject({ "kubernetes.io/hostname": "node-1", "kubernetes.io/arch": "amd64" });
    expect(registered.status.conditions?.find(({ type }) => type === "Ready")).toMatchObject({ status: "True", reason: "KubeletReady" });
    expect(registered.status.nodeInfo.containerRuntimeVersion).toBe("simulated://1.0.0");
    const first = api.get<Lease>("leases", "node-1", "kube-node-lease")!.spec.renewTime!;
    await clock.advance(11_000);
    expect(api.get<Lease>("leases", "node-1", "kube-node-lease")!.spec.renewTime! > first).toBe(true);
    expect(reasons()).toEqual(["Starting", "NodeReady"]);
  });

  it("comes with its status", async () => {
    expect(api.writes("nodes")).toEqual(["create"]);
  });

  it("says anew how it is when others have taken it for gone", async () => {
    const present = api.get<Node>("nodes", "node-1", "")!;
    const conditions = present.status.conditions!.map((condition) => ({ ...condition, status: "Unknown" as const, reason: "NodeStatusUnknown" }));
    const forgotten: Node = { ...present, status: { ...present.status, conditions } };
    api.put("nodes", forgotten);
    await clock.advance(11_000);
    const ready = api.get<Node>("nodes", "node-1", "")!.status.conditions?.find(({ type }) => type === "Ready");
    expect(ready).toMatchObject({ status: "True", reason: "KubeletReady" });
  });
});

describe("a pod", () => {
  it("comes up, runs and goes", async () => {
    add(podOf());
    await clock.advance(0);
    expect(state()).toBe("Pending ContainerCreating");
    await clock.advance(500);
    expect(state()).toBe("Running running ready");
    expect(pod().status).toMatchObject({ podIP: "10.1.0.2", hostIP: "192.0.2.1", qosClass: "BestEffort", observedGeneration: 1 });
    expect(reasons().slice(2)).toEqual(["Pulled", "Created", "Started"]);
    await new Client(api).of<Pod>(podKind).delete("default", "web", {});
    await clock.advance(100);
    expect(pod()).toBeUndefined();
    expect(await runtime.listPods()).toEqual([]);
    expect(kubelet.pods()).toEqual([]);
  });

  it("that starts quickly is told of once, where nobody is in a hurry", async () => {
    await kubelet.stop();
    kubelet = kubeletOf(undefined, 1_000);
    void kubelet.start();
    await clock.advance(1_000);
    add(podOf());
    add(podOf({}, {}, { name: "slow", uid: "u2", ...annotated({ start: "3" }) }));
    await clock.advance(900);
    expect(state()).toBe("Running running ready");
    expect(state("slow")).toBe("");
    await clock.advance(200);
    expect(state("slow")).toBe("Pending ContainerCreating");
    await clock.advance(2_500);
    expect(state("slow")).toBe("Running running ready");
    expect(api.writes("pods")).toEqual(["patch", "patch", "patch"]);
  });

  it("that ends is restarted, sooner at first than later", async () => {
    add(podOf({}, {}, annotated({ run: "1", "exit-code": "3" })));
    await clock.advance(1_500);
    expect(state()).toBe("Running running ready ×1");
    await clock.advance(1_500);
    expect(state()).toBe("Running CrashLoopBackOff ×1");
    expect(pod().status.containerStatuses![0]!.lastState.terminated).toMatchObject({ exitCode: 3, reason: "Error" });
    await clock.advance(10_000);
    expect(pod().status.containerStatuses![0]!.restartCount).toBe(2);
  });

  it("that is a job ends well", async () => {
    add(podOf({ restartPolicy: "Never", initContainers: [containerOf("first")] }, {}, annotated({ run: "2" })));
    await clock.advance(4_000);
    expect(state()).toBe("Succeeded Completed");
    expect(pod().status.initContainerStatuses![0]).toMatchObject({ ready: true, state: { terminated: { exitCode: 0 } } });
  });

  it("whose image is missing waits longer and longer", async () => {
    add(podOf({ containers: [containerOf("main", { image: "missing.example.com/a:1" })] }));
    await clock.advance(1_000);
    expect(state()).toBe("Pending ErrImagePull");
    await clock.advance(2_000);
    expect(state()).toBe("Pending ImagePullBackOff");
    await new Promise((resolve) => resolve(clock.advance(60_000)));
    expect(reasons().filter((reason) => reason === "Pulling")).toHaveLength(1);
    expect(api.all<Event>("events").find(({ reason }) => reason === "Pulling")?.count).toBe(3);
  });

  it("that is unwell is restarted", async () => {
    add(podOf({ containers: [containerOf("main", { livenessProbe: probe })] }, {}, annotated({ live: "false" })));
    await clock.advance(1_000);
    expect(pod().status.containerStatuses![0]!.restartCount).toBeGreaterThan(0);
  });

  it("that is too old ends", async () => {
    add(podOf({ activeDeadlineSeconds: 5 }));
    await clock.advance(4_000);
    expect(state()).toBe("Running running ready");
    await clock.advance(2_000);
    expect(state()).toBe("Failed DeadlineExceeded Completed");
  });

  it("that the node cannot take is refused", async () => {
    add(podOf({ containers: [containerOf("main", { resources: { requests: { cpu: "3" } } })] }));
    await clock.advance(1_000);
    expect(pod().status).toMatchObject({
      phase: "Failed", reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
    });
  });

  it("that asks for a label which the node has just got is taken", async () => {
    const present = api.get<Node>("nodes", "node-1", "")!;
    api.put("nodes", { ...present, metadata: { ...present.metadata, labels: { disk: "ssd" } } });
    add(podOf({ nodeSelector: { disk: "ssd" } }));
    await clock.advance(1_000);
    expect(state()).toBe("Running running ready");
  });

  it("that asks for a label which the node lacks is refused", async () => {
    add(podOf({ nodeSelector: { disk: "tape" } }));
    await clock.advance(1_000);
    expect(pod().status).toMatchObject({ phase: "Failed", reason: "NodeAffinity" });
  });

  it("gets the whole grace period, and less when that is asked for", async () => {
    add(podOf({}, {}, annotated({ stop: "20" })));
    await clock.advance(1_000);
    const pods = new Client(api).of<Pod>(podKind);
    await pods.delete("default", "web", {});
    await clock.advance(5_000);
    expect(state()).toBe("Running running ready");
    await pods.delete("default", "web", { gracePeriodSeconds: 1 });
    await clock.advance(3_000);
    expect(pod()).toBeUndefined();
  });
});

it("may be stopped before its runtime is there", async () => {
  await kubelet.stop();
  runtime.version = () => Promise.reject(new Error("away"));
  kubelet = kubeletOf();
  const started = kubelet.start();
  await clock.advance(600);
  await kubelet.stop();
  await started;
  expect(failures.splice(0)).toEqual(["reach the container runtime: away", "reach the container runtime: away"]);
});

describe("a static pod", () => {
  const text = (image: string): string => `{apiVersion: v1, kind: Pod, metadata: {name: etcd}, spec: {containers: [{name: main, image: "${image}"}]}}`;
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "knarr-static-"));
    await writeFile(join(directory, "etcd.yaml"), text("a:1"));
    await writeFile(join(directory, "wrong.yaml"), "kind: Pod\nspec: 7");
    await kubelet.stop();
    kubelet = kubeletOf(directory);
    const started = kubelet.start();
    await started;
    await clock.advance(1_000);
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("runs, and shows itself in the API for as long as its file is there", async () => {
    expect(failures.splice(0).join()).toContain("read static pod wrong.yaml");
    expect(state("etcd-node-1")).toBe("Running running ready");
    expect(pod("etcd-node-1").metadata.annotations).toMatchObject({ "kubernetes.io/config.source": "file" });
    const { uid } = pod("etcd-node-1").metadata;
    await new Client(api).of<Pod>(podKind).delete("default", "etcd-node-1", { gracePeriodSeconds: 0 });
    await clock.advance(1_000);
    expect(pod("etcd-node-1").metadata.uid).not.toBe(uid);
    expect(state("etcd-node-1")).toBe("Running running ready");
    expect(await runtime.listPods()).toHaveLength(1);
  });

  it("is another pod when its file changes", async () => {
    const [before] = await runtime.listPods();
    await rm(join(directory, "wrong.yaml"));
    await writeFile(join(directory, "etcd.yaml"), text("a:2"));
    await clock.advance(5_000);
    await vi.waitFor(async () => {
      await clock.advance(500);
      const [after] = await runtime.listPods();
      expect(after?.uid).not.toBe(before?.uid);
      expect(pod("etcd-node-1").spec.containers[0]!.image).toBe("a:2");
      expect(state("etcd-node-1")).toBe("Running running ready");
    });
    failures.splice(0);
  });
});

describe("a kubelet that starts anew", () => {
  it("takes over what runs and removes what nobody wants", async () => {
    add(podOf());
    add(podOf({}, {}, { name: "other", uid: "u2" }));
    await clock.advance(1_000);
    const before = pod().status;
    await kubelet.stop();
    api.remove("pods", pod("other"));
    kubelet = kubeletOf();
    void kubelet.start();
    await clock.advance(5_000);
    expect(pod().status).toEqual(before);
    expect((await runtime.listPods()).map(({ name }) => name)).toEqual(["web"]);
  });
});
