import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { ConfigMap, Container, Event, Pod, PodSpec } from "#api/generated/core-v1.ts";
import { Client } from "#client/client.ts";
import { clusterNetwork, freeNetworkIndex } from "#cluster/network-plan.ts";
import { run } from "#cluster/nodes/command.ts";
import { importImages } from "#cluster/nodes/import-image.ts";
import { keepPlatform } from "#cluster/nodes/keep-platform.ts";
import { readMounts } from "#cluster/nodes/mounts.ts";
import { removeClusterNetwork } from "#cluster/nodes/network.ts";
import { deletePlatform, type Platform, type PlatformOptions, startPlatform } from "#cluster/nodes/platform.ts";
import { containerNode } from "#kubelet/container-node.ts";
import type { Kubelet } from "#kubelet/kubelet.ts";
import type { CriRuntime } from "#kubelet/runtime/cri/cri-runtime.ts";
import { FakeApi } from "#kubelet/testing/fake-api.ts";
import { containerOf, podOf, probe } from "#kubelet/testing/pods.ts";
import { systemClock } from "#machinery/clock.ts";
import { systemRandom } from "#machinery/random.ts";
import { describeWith } from "../requirements.ts";
import { writeScratchImage } from "./scratch-image.ts";

const image = "knarr.local/busybox:1";
const pods = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true, type: undefined as Pod | undefined };

describeWith(["containers"], "a kubelet with real containers", () => {
  let directory: string;
  let options: PlatformOptions;
  let platform: Platform;
  let kubelet: Kubelet;
  let runtime: CriRuntime;
  let count = 0;
  const api = new FakeApi();
  const client = new Client(api);
  const failures: string[] = [];

  async function startKubelet(): Promise<void> {
    ({ kubelet, runtime } = await containerNode({
      client, clock: systemClock, random: systemRandom, run, runtimeSocket: platform.layout.containerdSocket,
      directories: { root: join(directory, "kubelet"), memory: join(platform.layout.runDirectory, "kubelet"), logs: join(directory, "logs") },
      cgroupRoot: `${platform.layout.cgroup}/kubepods`,
      clusterDns: { servers: ["10.96.0.10"], domain: "cluster.local" },
      failed: (what, error) => failures.push(`${what}: ${error.message}`),
      node: {
        name: "node-1", kubeletPort: 10_250, capacity: { cpu: "2", memory: "4Gi", pods: "110" },
        addresses: [{ type: "InternalIP", address: platform.network.address }, { type: "Hostname", address: "node-1" }],
        info: {
          machineID: "m", systemUUID: "s", bootID: "b", kernelVersion: "6", osImage: "test", kubeletVersion: "v1.36.0",
          kubeProxyVersion: "v1.36.0", operatingSystem: "linux", architecture: "amd64",
        },
      },
    }));
    await kubelet.start();
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "knarr-kubelet-"));
    const archive = join(directory, "image.tar");
    await writeScratchImage(archive, ["knarr.local/pause:1", image]);
    const routes = JSON.parse(await run("ip", ["-json", "-4", "route"])) as { dst: string }[];
    const clusterIndex = freeNetworkIndex(new Set(), routes.map(({ dst }) => dst));
    const cluster = `kubelet${process.pid}`;
    options = { cluster, clusterIndex, node: "node-1", nodeNumber: 1, directory: join(directory, "node-1"), clock: systemClock, run };
    platform = await startPlatform(options);
    await importImages(run, systemClock, platform, archive);
    await startKubelet();
  });

  afterEach(async () => {
    for (const { metadata } of api.all<Pod>("pods")) await client.of(pods).delete(metadata.namespace, metadata.name, { gracePeriodSeconds: 1 });
    await until(() => api.all("pods").length === 0 && kubelet.pods().length === 0);
    expect(failures.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await kubelet?.stop();
    await deletePlatform(options);
    await removeClusterNetwork(run, clusterNetwork(options.clusterIndex));
    await rm(directory, { recursive: true, force: true });
  });

  async function until(holds: () => boolean, seconds = 20): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!holds()) {
      const seen = (): string => JSON.stringify(api.all<Pod>("pods").map(({ status }) => status));
      if (Date.now() > end) throw new Error(`waited too long: ${seen()}\n${messages().join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const messages = (): string[] => api.all<Event>("events").map(({ reason, message }) => `${reason}: ${message}`);
  const shell = (name: string, script: string, rest: Partial<Container> = {}): Container =>
    containerOf(name, { image, command: ["/bin/busybox", "sh", "-c", script], ...rest });

  function create(spec: Partial<PodSpec>, metadata: Partial<Pod["metadata"]> = {}): () => Pod {
    const name = `pod-${++count}`;
    api.put("pods", podOf({ terminationGracePeriodSeconds: 1, ...spec }, {}, { name, uid: `uid-${count}-${process.pid}`, ...metadata }));
    return () => api.get<Pod>("pods", name)!;
  }

  const idOf = (pod: Pod, index = 0): string => pod.status.containerStatuses![index]!.containerID!.replace("containerd://", "");
  const ready = (pod: () => Pod) => (): boolean => pod()?.status.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  const ended = (pod: () => Pod) => (): boolean => pod().status.phase === "Succeeded" || pod().status.phase === "Failed";
  async function inside(pod: Pod, script: string, index = 0): Promise<string> {
    return (await runtime.exec(idOf(pod, index), ["/bin/busybox", "sh", "-c", script], 10)).output;
  }
  async function logs(pod: Pod, container = "main", attempt = 0): Promise<string> {
    const { namespace, name, uid } = pod.metadata;
    const text = await readFile(join(directory, "logs", `${namespace}_${name}_${uid}`, container, `${attempt}.log`), "utf8");
    return text.split("\n").map((line) => line.split(" ").slice(3).join(" ")).join("\n");
  }

  test("runs a pod, and leaves nothing of it", async () => {
    const pod = create({ containers: [containerOf("main", { image })] });
    await until(ready(pod));
    expect(pod().status).toMatchObject({ phase: "Running", hostIP: platform.network.address, qosClass: "BestEffort" });
    const { uid } = pod().metadata;
    await client.of(pods).delete("default", pod().metadata.name, { gracePeriodSeconds: 1 });
    await until(() => kubelet.pods().length === 0);
    expect(await readdir(join(directory, "logs"))).toEqual([]);
    expect((await readMounts()).filter(({ path }) => path.includes(uid))).toEqual([]);
    expect(existsSync(`/sys/fs/cgroup/cpu${platform.layout.cgroup}/kubepods/besteffort/pod${uid}`)).toBe(false);
  });

  test("gives a container its environment, files, names and limits", async () => {
    api.put("configmaps", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" }, data: { color: "blue" } } as never);
    api.put("secrets", {
      apiVersion: "v1", kind: "Secret", metadata: { name: "keys", namespace: "default" }, type: "Opaque", data: { token: "c2VjcmV0" },
    } as never);
    const pod = create({
      hostname: "box", subdomain: "boxes", hostAliases: [{ ip: "192.0.2.7", hostnames: ["far"] }],
      securityContext: { fsGroup: 3000, runAsUser: 1000 },
      volumes: [
        { name: "settings", configMap: { name: "settings", defaultMode: 0o644 } },
        { name: "keys", secret: { secretName: "keys", defaultMode: 0o400 } },
        { name: "disk", emptyDir: {} },
        { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "me", downwardAPI: { defaultMode: 0o644, items: [{ path: "name", fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } }] } },
        { name: "api", projected: { defaultMode: 0o644, sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3600 } }] } },
      ],
      containers: [containerOf("main", {
        image,
        env: [
          { name: "COLOR", valueFrom: { configMapKeyRef: { name: "settings", key: "color" } } },
          { name: "IP", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
        ],
        resources: { limits: { memory: "32Mi", cpu: "100m" }, requests: { memory: "16Mi", cpu: "50m" } },
        securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        volumeMounts: [
          { name: "settings", mountPath: "/settings" }, { name: "keys", mountPath: "/keys" }, { name: "disk", mountPath: "/disk" },
          { name: "memory", mountPath: "/memory" }, { name: "me", mountPath: "/me" }, { name: "api", mountPath: "/api" },
          { name: "settings", mountPath: "/one/color", subPath: "color" }, { name: "disk", mountPath: "/deep", subPathExpr: "$(COLOR)/below" },
        ],
      })],
    });
    await until(ready(pod));
    expect(pod().status.qosClass).toBe("Burstable");
    const told = async (script: string): Promise<string> => (await inside(pod(), script)).trim();
    expect(await told("echo $COLOR $IP")).toBe(`blue ${pod().status.podIP}`);
    expect(await told("busybox hostname")).toBe("box");
    expect(await told("busybox cat /etc/hosts")).toContain(`${pod().status.podIP}\tbox.boxes.default.svc.cluster.local\tbox`);
    expect(await told("busybox cat /etc/hosts")).toContain("192.0.2.7\tfar");
    expect(await told("busybox cat /etc/resolv.conf")).toContain("nameserver 10.96.0.10");
    expect(await told("busybox cat /settings/color /one/color /keys/token /me/name /api/token")).toBe(`bluebluesecret${pod().metadata.name}token`);
    expect(await told("busybox id -u; busybox id -G")).toBe("1000\n0 3000");
    expect(await told("busybox touch /disk/x /memory/x /deep/x && busybox stat -c %g /disk/x /memory/x; busybox ls /disk/blue/below")).toBe("3000\n3000\nx");
    expect(await told("busybox dd if=/dev/zero of=/memory/big bs=1M count=2 2>&1 | busybox grep -c 'No space'")).toBe("1");
    expect(await told("busybox touch /x 2>&1; busybox touch /settings/x 2>&1")).toMatch(/Read-only[^]*Read-only/);
    expect(await told("busybox grep -E 'NoNewPrivs|CapEff' /proc/self/status")).toMatch(/CapEff:\s+0+\n[^]*NoNewPrivs:\s+1/);

    const settings: ConfigMap = { ...api.get<ConfigMap>("configmaps", "settings")!, data: { color: "green" } };
    api.put("configmaps", settings);
    let color = "";
    const end = Date.now() + 5_000;
    while (color !== "green" && Date.now() < end) color = await told("busybox cat /settings/color");
    expect(color).toBe("green");
  });

  test("restarts what ends, tells how it ended, and keeps its last words", async () => {
    const pod = create({ containers: [shell("main", "echo some words; echo last > /dev/termination-log; exit 3")] });
    await until(() => pod().status.containerStatuses?.[0]?.state.waiting?.reason === "CrashLoopBackOff");
    const terminated = { exitCode: 3, reason: "Error", message: "last\n" };
    expect(pod().status).toMatchObject({ phase: "Running", containerStatuses: [{ restartCount: 1, lastState: { terminated } }] });
    expect(await logs(pod())).toContain("some words");
    expect(messages().join("\n")).toContain("BackOff: Back-off restarting failed container main");
  });

  test("runs init containers, a sidecar and a job in their order", async () => {
    const say = (name: string, rest: Partial<Container> = {}): Container =>
      shell(name, `echo ${name} >> /shared/said; ${rest.restartPolicy ? "trap 'exit 0' TERM; while :; do busybox sleep 1 & wait; done" : ":"}`, {
        volumeMounts: [{ name: "shared", mountPath: "/shared" }], ...rest,
      });
    const pod = create({
      restartPolicy: "Never", volumes: [{ name: "shared", emptyDir: {} }],
      initContainers: [say("first"), say("mesh", { restartPolicy: "Always" }), say("third")],
      containers: [shell("main", "busybox cat /shared/said", { volumeMounts: [{ name: "shared", mountPath: "/shared" }] })],
    });
    await until(ended(pod));
    expect(pod().status.phase).toBe("Succeeded");
    expect((await logs(pod())).trim()).toBe("first\nmesh\nthird");
    expect(pod().status.initContainerStatuses!.map(({ state }) => state.terminated?.exitCode)).toEqual([0, 0, 0]);
  });

  test("is told at once when memory runs out", async () => {
    const script = "busybox sleep 0.3; x=$(busybox dd if=/dev/zero bs=1M count=64 2>/dev/null | busybox tr '\\0' 'a'); echo $x | busybox wc -c";
    const pod = create({ restartPolicy: "Never", containers: [shell("main", script, { resources: { limits: { memory: "16Mi" } } })] });
    await until(ended(pod));
    expect(pod().status).toMatchObject({ phase: "Failed", containerStatuses: [{ state: { terminated: { reason: "OOMKilled", exitCode: 137 } } }] });
  });

  test("probes and hooks", async () => {
    const pod = create({
      terminationGracePeriodSeconds: 10,
      containers: [shell("main", "trap 'exit 0' TERM; busybox mkdir /www; busybox httpd -p 8080 -h /www; while :; do busybox sleep 1 & wait; done", {
        ports: [{ name: "web", containerPort: 8080, protocol: "TCP" }],
        startupProbe: { ...probe, periodSeconds: 1, tcpSocket: { port: "web" } },
        readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: 1, httpGet: { port: "web", path: "/index.html", scheme: "HTTP" } },
        livenessProbe: { ...probe, periodSeconds: 1, failureThreshold: 1, exec: { command: ["/bin/busybox", "test", "!", "-e", "/www/dead"] } },
        lifecycle: {
          postStart: { exec: { command: ["/bin/busybox", "sh", "-c", "echo hi > /www/index.html"] } },
          preStop: { exec: { command: ["/bin/busybox", "sh", "-c", "echo bye > /proc/1/fd/1"] } },
        },
      })],
    });
    await until(ready(pod));
    await inside(pod(), "busybox rm /www/index.html");
    await until(() => !ready(pod)());
    expect(messages().join("\n")).toContain("Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404");
    await inside(pod(), "echo x > /www/dead");
    await until(() => pod().status.containerStatuses![0]!.restartCount === 1 && ready(pod)());
    expect(messages().join("\n")).toContain("Killing: Container main failed liveness probe, will be restarted");
  });

  test("refuses what would not be safe or cannot be", async () => {
    const escape = join(directory, "escape");
    await rm(escape, { recursive: true, force: true });
    await run("mkdir", ["-p", escape]);
    await symlink("/etc", join(escape, "out"));
    await writeFile(join(directory, "secret.txt"), "x");
    const out = create({
      volumes: [{ name: "host", hostPath: { path: escape, type: "Directory" } }],
      containers: [containerOf("main", { image, volumeMounts: [{ name: "host", mountPath: "/x", subPath: "out" }] })],
    });
    const root = create({ securityContext: { runAsNonRoot: true }, containers: [containerOf("main", { image })] });
    const missing = create({ volumes: [{ name: "v", configMap: { name: "absent", defaultMode: 0o644 } }], containers: [containerOf("main", { image })] });
    const strange = create({ volumes: [{ name: "v", nfs: { server: "a", path: "/b" } }], containers: [containerOf("main", { image })] });
    const never = create({ containers: [containerOf("main", { image: "knarr.local/absent:1", imagePullPolicy: "Never" })] });
    const reason = (pod: () => Pod) => (): boolean => pod().status.containerStatuses?.[0]?.state.waiting?.reason === "CreateContainerConfigError";
    await until(() => reason(out)() && reason(root)());
    await until(() => never().status.containerStatuses?.[0]?.state.waiting?.reason === "ErrImageNeverPull");
    await until(() => messages().join("\n").includes("volume type nfs is not supported"));
    expect(messages().join("\n")).toContain('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "absent" not found');
    expect(out().status.containerStatuses![0]!.state.waiting!.message).toContain("is not inside of its volume");
    expect(root().status.containerStatuses![0]!.state.waiting!.message).toContain("image will run as root");
    for (const pod of [missing, strange]) expect(pod().status.phase).toBe("Pending");
  });

  test("takes over what runs when it starts anew, and removes what nobody wants", async () => {
    const kept = create({ containers: [containerOf("main", { image })] });
    const orphan = create({ containers: [containerOf("main", { image })] });
    await until(() => ready(kept)() && ready(orphan)());
    const before = kept().status;
    await kubelet.stop();
    api.remove("pods", orphan());
    await startKubelet();
    await until(() => kubelet.pods().length === 1);
    expect(kept().status).toEqual(before);
  });

  test("goes on when containerd is killed while pods start, and what runs keeps running", async () => {
    const kept = create({ containers: [containerOf("main", { image })] });
    await until(ready(kept));
    const before = idOf(kept());
    const guard = keepPlatform({
      clock: systemClock, containerdPid: platform.containerdPid,
      bringUp: async () => (platform = await startPlatform(options)).containerdPid,
      restarted: () => undefined,
      failed: (error) => failures.push(String(error)),
    });
    try {
      const many = Array.from({ length: 6 }, () => create({ containers: [containerOf("main", { image })] }));
      await until(() => many.some((pod) => pod().status.containerStatuses !== undefined));
      process.kill(platform.containerdPid, "SIGKILL");
      await until(() => many.every((pod) => ready(pod)()), 60);
      expect(idOf(kept())).toBe(before);
      expect(kept().status.containerStatuses![0]!.restartCount).toBe(0);
    } finally {
      guard.close();
    }
  });

  test("brings up twenty pods at once", async () => {
    const begun = performance.now();
    const many = Array.from({ length: 20 }, () => create({ containers: [containerOf("main", { image })] }));
    await until(() => many.every((pod) => ready(pod)()), 60);
    console.log(`      20 pods after ${Math.round(performance.now() - begun)} ms`);
  });
});
