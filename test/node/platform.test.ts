import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { clusterNetwork, freeNetworkIndex } from "#cluster/network-plan.ts";
import { run } from "#cluster/nodes/command.ts";
import { importImages } from "#cluster/nodes/import-image.ts";
import { keepPlatform } from "#cluster/nodes/keep-platform.ts";
import { readMounts } from "#cluster/nodes/mounts.ts";
import { removeClusterNetwork } from "#cluster/nodes/network.ts";
import { deletePlatform, startPlatform, stopPlatform } from "#cluster/nodes/platform.ts";
import type { Platform, PlatformOptions } from "#cluster/nodes/platform.ts";
import { listProcesses } from "#cluster/nodes/processes.ts";
import { connectCri } from "#kubelet/runtime/cri/client.ts";
import type { CriClient } from "#kubelet/runtime/cri/client.ts";
import { ContainerdEvents } from "#kubelet/runtime/cri/containerd-events.ts";
import type { ContainerdEvent } from "#kubelet/runtime/cri/containerd-events.ts";
import type { Sent } from "#kubelet/runtime/cri/definitions.ts";
import { hasCode } from "#kubelet/grpc/rpc-error.ts";
import { systemClock } from "#machinery/clock.ts";
import { describeWith } from "../requirements.ts";
import { writeScratchImage } from "./scratch-image.ts";

const IMAGE = "knarr.local/busybox:1";
const CLUSTER = `test${process.pid}`;

describeWith(["containers"], "the platform under a node", () => {
  let directory: string;
  let archive: string;
  let clusterIndex: number;
  const platforms: Platform[] = [];
  const clients: CriClient[] = [];

  const options = (number: number): PlatformOptions => ({
    cluster: CLUSTER, clusterIndex, node: `node-${number}`, nodeNumber: number, directory: join(directory, `node-${number}`), clock: systemClock, run,
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "knarr-platform-"));
    archive = join(directory, "image.tar");
    await writeScratchImage(archive, ["knarr.local/pause:1", IMAGE]);
    const routes = JSON.parse(await run("ip", ["-json", "-4", "route"])) as { dst: string }[];
    clusterIndex = freeNetworkIndex(new Set(), routes.map(({ dst }) => dst));
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    for (const number of [1, 2]) await deletePlatform(options(number));
    await removeClusterNetwork(run, clusterNetwork(clusterIndex));
    await rm(directory, { recursive: true, force: true });
  });

  test("two nodes come up side by side", async () => {
    for (const number of [1, 2]) {
      const platform = await startPlatform(options(number));
      platforms.push(platform);
      clients.push(connectCri(platform.layout.containerdSocket, systemClock));
      expect(platform.isNew).toBe(true);
      expect(await importImages(run, systemClock, platform, archive)).toContain(IMAGE);
    }
    const version = await clients[0]!.version({});
    expect(version).toMatchObject({ runtimeName: "containerd", runtimeApiVersion: "v1" });
  });

  test("pods on both nodes reach each other under their own addresses, and a process runs in one", async () => {
    const [one, two] = await Promise.all([startPod(platforms[0]!, clients[0]!), startPod(platforms[1]!, clients[1]!)]);
    expect(one.ip).toMatch(new RegExp(`^${platforms[0]!.network.podCidr.replace("0/24", "\\d+")}$`));
    const ping = await clients[0]!.execSync({ containerId: one.container, cmd: ["busybox", "ping", "-c", "2", "-W", "2", two.ip], timeout: 10 });
    expect(ping.stdout.toString()).toContain("2 packets received");

    const serve = "busybox nc -l -p 7 -e busybox netstat -tn > /dev/null 2>&1 & busybox sleep 0.2";
    await clients[1]!.execSync({ containerId: two.container, cmd: ["busybox", "sh", "-c", serve], timeout: 5 });
    const peers = await clients[0]!.execSync({ containerId: one.container, cmd: ["busybox", "nc", "-w", "3", two.ip, "7"], timeout: 5 });
    expect(peers.stdout.toString()).toContain(`${two.ip}:7`);
    expect(peers.stdout.toString()).toContain(one.ip);

    const uplink = await clients[0]!.execSync({
      containerId: one.container, cmd: ["busybox", "ping", "-c", "1", "-W", "2", platforms[0]!.cluster.hostAddress], timeout: 5,
    });
    expect(uplink.exitCode).toBe(0);
    // Nothing listens there; that it says so shows that it is reached.
    await expect(connect(two.ip, 9)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("pods reach the world outside, which knows no way back to them", async () => {
    const world = `world-${CLUSTER}`;
    const link = `w${process.pid}`;
    await run("ip", ["netns", "add", world]);
    try {
      await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", world]);
      await run("ip", ["address", "add", "198.51.100.1/24", "dev", link]);
      await run("ip", ["link", "set", link, "up"]);
      await run("ip", ["-netns", world, "address", "add", "198.51.100.2/24", "dev", "eth0"]);
      await run("ip", ["-netns", world, "link", "set", "eth0", "up"]);
      const pod = await startPod(platforms[1]!, clients[1]!);
      const ping = await clients[1]!.execSync({
        containerId: pod.container, cmd: ["busybox", "ping", "-c", "1", "-W", "2", "198.51.100.2"], timeout: 5,
      });
      expect(ping.stdout.toString()).toContain("1 packets received");
    } finally {
      await run("ip", ["netns", "delete", world]);
    }
  });

  test("a command fails with its own status, and one that is not there with the runtime's words", async () => {
    const pod = await startPod(platforms[0]!, clients[0]!);
    const status = await clients[0]!.execSync({ containerId: pod.container, cmd: ["busybox", "sh", "-c", "echo no >&2; exit 3"], timeout: 5 });
    expect([status.exitCode, status.stderr.toString()]).toEqual([3, "no\n"]);
    const absent = await clients[0]!.execSync({ containerId: pod.container, cmd: ["absent"], timeout: 5 }).catch((error: unknown) => error);
    expect(hasCode(absent, "Unknown") && absent.message).toMatch(/executable file not found/);
    const late = await clients[0]!.execSync({ containerId: pod.container, cmd: ["busybox", "sleep", "9"], timeout: 1 }).catch((error: unknown) => error);
    expect(hasCode(late, "DeadlineExceeded")).toBe(true);
    const unknown = await clients[0]!.containerStatus({ containerId: "absent" }).catch((error: unknown) => error);
    expect(hasCode(unknown, "NotFound")).toBe(true);
  });

  test("the end of a container is heard at once", async () => {
    const pod = await startPod(platforms[0]!, clients[0]!, ["busybox", "sh", "-c", "read line; exit 7"], true);
    const heard: ContainerdEvent[] = [];
    const exited = await new Promise<ContainerdEvent>((resolve) => {
      const events = new ContainerdEvents(platforms[0]!.layout.containerdSocket, systemClock, (event) => {
        heard.push(event);
        if (event.kind === "Connected") void clients[0]!.stopContainer({ containerId: pod.container, timeout: 0 });
        if (event.kind === "Exited" && event.containerId === pod.container) {
          events.close();
          resolve(event);
        }
      });
    });
    expect(heard[0]).toEqual({ kind: "Connected" });
    expect(exited).toMatchObject({ exitCode: 137 });
  });

  test("pods outlive containerd, and the platform is taken up again", async () => {
    const { layout, containerdPid } = platforms[0]!;
    const pod = await startPod(platforms[0]!, clients[0]!);
    const states: string[] = [];
    const events = new ContainerdEvents(layout.containerdSocket, systemClock, (event) => states.push(event.kind));
    await expect.poll(() => states, { timeout: 5_000 }).toContain("Connected");

    process.kill(containerdPid, "SIGKILL");
    await expect.poll(() => states, { timeout: 5_000 }).toContain("Disconnected");
    const again = await startPlatform(options(1));
    expect(again.containerdPid).not.toBe(containerdPid);
    expect((await clients[0]!.containerStatus({ containerId: pod.container })).status?.state).toBe("CONTAINER_RUNNING");
    const answer = await clients[0]!.execSync({ containerId: pod.container, cmd: ["busybox", "hostname"], timeout: 5 });
    expect(answer.stdout.toString().trim()).toBe("pod-a");
    await expect.poll(() => states, { timeout: 10_000 }).toEqual(["Connected", "Disconnected", "Connected"]);
    events.close();

    expect(await startPlatform(options(1))).toMatchObject({ containerdPid: again.containerdPid, isNew: false });
  });

  test("a platform that is kept comes back by itself", async () => {
    const platform = await startPlatform(options(1));
    const kept = new Promise<number>((resolve, reject) => {
      const keeper = keepPlatform({
        clock: systemClock, containerdPid: platform.containerdPid, failed: reject,
        bringUp: async () => (await startPlatform(options(1))).containerdPid,
        restarted(pid) {
          keeper.close();
          resolve(pid);
        },
      });
    });
    process.kill(platform.containerdPid, "SIGKILL");
    expect(await kept).not.toBe(platform.containerdPid);
    expect((await clients[0]!.version({})).runtimeName).toBe("containerd");
  });

  test("a stop ends every pod and keeps the images", async () => {
    await stopPlatform(options(2));
    expect(await traces("node-2")).toEqual([]);
    const platform = await startPlatform(options(2));
    const client = connectCri(platform.layout.containerdSocket, systemClock);
    expect((await client.imageStatus({ image: { image: IMAGE } })).image?.repoTags).toContain(IMAGE);
    const { items } = await client.listPodSandbox({});
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(["SANDBOX_NOTREADY"]));
    const pod = await startPod(platform, client);
    expect(pod.ip).not.toBe("");
    client.close();
  });

  test("deleting nodes leaves nothing, even where containerd is dead and its pods are not", async () => {
    process.kill((await startPlatform(options(1))).containerdPid, "SIGKILL");
    for (const number of [1, 2]) await deletePlatform(options(number));
    await removeClusterNetwork(run, clusterNetwork(clusterIndex));
    expect(await traces("")).toEqual([]);
    expect(existsSync(join(directory, "node-1"))).toBe(false);
    // Twice is as good as once.
    await deletePlatform(options(1));
  });

  /** Everything on the machine that names the node, or with "" the cluster. */
  async function traces(node: string): Promise<string[]> {
    const pattern = new RegExp(`knarr[-/]${CLUSTER}[-/]${node}|${directory}/${node}`);
    const links = JSON.parse(await run("ip", ["-json", "link"])) as { ifname: string }[];
    const linkPrefix = node === "" ? `knarr${clusterIndex}` : `knarr${clusterIndex}n${node.slice(-1)}`;
    const cgroups = await Promise.all((await readMounts()).filter(({ type }) => type.startsWith("cgroup"))
      .map(async ({ path }) => existsSync(join(path, "knarr", CLUSTER, node)) ? [`${path}/knarr/${CLUSTER}/${node}`] : []));
    const tables = await run("nft", ["list", "tables"]);
    return [
      ...(await listProcesses()).map(({ args }) => args.join(" ")).filter((line) => pattern.test(line)),
      ...(await readMounts()).map(({ path }) => path).filter((path) => pattern.test(path)),
      ...(await readdir("/run/netns").catch(() => [])).filter((name) => name.startsWith(`knarr-${CLUSTER}-${node}`)),
      ...links.map(({ ifname }) => ifname).filter((name) => name.startsWith(linkPrefix)),
      ...(existsSync(join("/run/knarr", CLUSTER, node)) ? [join("/run/knarr", CLUSTER, node)] : []),
      ...cgroups.flat(),
      ...(node === "" && tables.includes(`knarr-${clusterIndex}`) ? [tables] : []),
    ];
  }
});

let attempt = 0;

function connect(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, timeout: 3000 }, () => resolve(void socket.end()));
    socket.on("timeout", () => socket.destroy(new Error("no answer"))).on("error", reject);
  });
}

async function startPod(platform: Platform, client: CriClient, command: readonly string[] = [], stdin = false) {
  const config: Sent<"PodSandboxConfig"> = {
    metadata: { name: "pod-a", uid: `uid-${attempt}`, namespace: "default", attempt: attempt++ },
    hostname: "pod-a",
    linux: { cgroupParent: `${platform.layout.cgroup}/pod-${attempt}`, securityContext: {} },
  };
  const { podSandboxId } = await client.runPodSandbox({ config });
  const { containerId } = await client.createContainer({
    podSandboxId, sandboxConfig: config, config: { metadata: { name: "main" }, image: { image: IMAGE }, command, stdin, linux: {} },
  });
  await client.startContainer({ containerId });
  const { status } = await client.podSandboxStatus({ podSandboxId });
  return { sandbox: podSandboxId, container: containerId, ip: status?.network?.ip ?? "" };
}
