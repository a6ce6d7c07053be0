import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";

import type { Container, Pod } from "#api/generated/core-v1.ts";
import { createAuthority, issue, type KeyPair } from "#cluster/certificates/authority.ts";
import { clusterNetwork, freeNetworkIndex } from "#cluster/network-plan.ts";
import { run } from "#cluster/nodes/command.ts";
import { importImages } from "#cluster/nodes/import-image.ts";
import { inNetworkNamespace } from "#cluster/nodes/layout.ts";
import { removeClusterNetwork } from "#cluster/nodes/network.ts";
import { deletePlatform, type Platform, type PlatformOptions, startPlatform } from "#cluster/nodes/platform.ts";
import { SpdyConnection } from "#kubelet/server/streams/spdy/connection.ts";
import { containerOf, podOf } from "#kubelet/testing/pods.ts";
import { openTunnel } from "#kubelet/testing/web-socket-tunnel.ts";
import { systemClock } from "#machinery/clock.ts";
import { describeWith } from "../requirements.ts";
import type { KubeletProcessOptions } from "./kubelet-process.ts";
import { writeScratchImage } from "./scratch-image.ts";

const image = "knarr.local/busybox:1";

describeWith(["containers"], "a kubelet's server with real containers", () => {
  let directory: string;
  let options: PlatformOptions;
  let platform: Platform;
  let kubelet: ChildProcess;
  let authority: KeyPair;
  let client: { readonly ca: string; readonly cert: string; readonly key: string };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "knarr-kubelet-server-"));
    const archive = join(directory, "image.tar");
    await writeScratchImage(archive, ["knarr.local/pause:1", image]);
    const routes = JSON.parse(await run("ip", ["-json", "-4", "route"])) as { dst: string }[];
    const clusterIndex = freeNetworkIndex(new Set(), routes.map(({ dst }) => dst));
    options = { cluster: `streams${process.pid}`, clusterIndex, node: "node-1", nodeNumber: 1, directory: join(directory, "node-1"), clock: systemClock, run };
    platform = await startPlatform(options);
    await importImages(run, systemClock, platform, archive);
    authority = await createAuthority("test", Date.now());
    const mine = await issue(authority, { commonName: "kube-apiserver-kubelet-client", usages: ["client"] }, Date.now());
    client = { ca: authority.certificate, cert: mine.certificate, key: mine.key };
    await startKubelet();
    put("talker", [shell("main", 'echo hello; echo oops >&2; while read line; do echo "got $line"; done; echo bye; sleep 1', { stdin: true })]);
    put("server", [shell("main", 'while :; do echo "$(date) served" | busybox nc -l -p 8080; done')]);
  });

  afterAll(async () => {
    kubelet?.disconnect();
    await deletePlatform(options);
    await removeClusterNetwork(run, clusterNetwork(options.clusterIndex));
    await rm(directory, { recursive: true, force: true });
  });

  async function startKubelet(): Promise<void> {
    const { layout, network: { address } } = platform;
    const pair = await issue(authority, { commonName: "system:node:node-1", organizations: ["system:nodes"], usages: ["server"], hosts: [address] }, Date.now());
    const settings: KubeletProcessOptions = {
      address, runtimeSocket: layout.containerdSocket, cgroupRoot: `${layout.cgroup}/kubepods`, ...pair, clientAuthority: authority.certificate,
      directories: { root: join(directory, "kubelet"), memory: join(layout.runDirectory, "kubelet"), logs: join(directory, "logs") },
    };
    const [command, ...rest] = inNetworkNamespace(layout);
    const program = [process.execPath, "--import", "tsx", "test/node/kubelet-process.ts", JSON.stringify(settings)];
    kubelet = spawn(command, [...rest, ...program], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    expect(await once(kubelet, "message")).toEqual(["ready", undefined]);
  }

  const shell = (name: string, script: string, rest: Partial<Container> = {}): Container =>
    containerOf(name, { image, command: ["/bin/busybox", "sh", "-c", script], ...rest });

  function put(name: string, containers: readonly Container[]): void {
    kubelet.send({ put: podOf({ terminationGracePeriodSeconds: 1, containers }, {}, { name, uid: `${name}-${process.pid}` }) });
  }

  function open(path: string, method = "GET"): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request({ host: platform.network.address, port: 10_250, path, method, agent: false, ...client }, resolve).on("error", reject).end();
    });
  }

  async function ask(path: string, method?: string): Promise<string> {
    let text = "";
    for await (const chunk of await open(path, method)) text += String(chunk);
    return text;
  }

  async function phases(): Promise<string[]> {
    const { items } = JSON.parse(await ask("/pods")) as { readonly items: readonly Pod[] };
    return items.map(({ metadata, status }: Pod) => `${metadata.name} ${status.containerStatuses?.[0]?.state.running === undefined ? "no" : "Running"}`);
  }

  /** A process's streams as kubectl sees them. */
  class Process {
    readonly socket: WebSocket;
    readonly #out = ["", "", "", ""];
    readonly ended: Promise<void>;

    constructor(path: string, protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]) {
      this.socket = new WebSocket(`wss://${platform.network.address}:10250${path}`, protocols, client);
      this.socket.on("message", (message: Buffer) => void (this.#out[message[0]!] += message.subarray(1).toString()));
      this.ended = new Promise((resolve) => void this.socket.on("close", () => resolve()));
      this.socket.on("error", (error) => void (this.#out[3] += error.message));
    }

    get stdout(): string {
      return this.#out[1]!;
    }

    get stderr(): string {
      return this.#out[2]!;
    }

    get status(): { status?: string; details?: object; message?: string } {
      return JSON.parse(this.#out[3]!) as object;
    }

    async opened(): Promise<this> {
      await once(this.socket, "open");
      return this;
    }

    send(channel: number, bytes: string | Uint8Array): void {
      this.socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(bytes)]));
    }
  }

  const execPath = (words: readonly string[], query: string, pod = "talker"): string =>
    `/exec/default/${pod}/main?${words.map((word) => `command=${encodeURIComponent(word)}`).join("&")}&${query}`;
  const exec = (script: string, query = "output=1&error=1", protocols?: string[]): Promise<Process> =>
    new Process(execPath(["/bin/busybox", "sh", "-c", script], query), protocols).opened();

  test("its pods come up", async () => {
    await expect.poll(() => phases(), { timeout: 20_000 }).toEqual(["talker Running", "server Running"]);
  });

  test("a command's output and errors come apart, and its end is told", async () => {
    const good = await exec("echo out; echo err >&2");
    await good.ended;
    expect([good.socket.protocol, good.stdout, good.stderr, good.status]).toEqual(["v5.channel.k8s.io", "out\n", "err\n", { metadata: {}, status: "Success" }]);
    const bad = await exec("exit 7");
    await bad.ended;
    expect(bad.status).toMatchObject({ status: "Failure", reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: "7" }] } });
    const absent = await new Process(execPath(["absent"], "output=1")).opened();
    await absent.ended;
    expect(absent.status).toMatchObject({ status: "Failure", message: expect.stringContaining("executable file not found") as string });
  });

  test("input reaches a command, and so does its end", async () => {
    const words = await exec("busybox wc -c", "input=1&output=1");
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    for (let sent = 0; sent < 8; sent++) words.send(0, megabyte);
    words.send(255, Buffer.of(0));
    await words.ended;
    expect(words.stdout.trim()).toBe(String(8 * 1024 * 1024));
  });

  test("much output comes whole to a client that is slow", async () => {
    const noise = await exec("busybox dd if=/dev/zero bs=1024 count=16384 2> /dev/null");
    noise.socket.pause();
    await new Promise((resolve) => void setTimeout(resolve, 300));
    noise.socket.resume();
    await noise.ended;
    expect(noise.stdout.length).toBe(16 * 1024 * 1024);
    expect(noise.status.status).toBe("Success");
  });

  test("a terminal has its size, and another when it is changed", async () => {
    const terminal = await new Process(execPath(["/bin/busybox", "sh"], "input=1&output=1&tty=1")).opened();
    terminal.send(4, '{"Width":123,"Height":45}');
    terminal.send(0, "busybox stty size\n");
    await expect.poll(() => terminal.stdout, { timeout: 5_000 }).toContain("45 123");
    terminal.send(4, '{"Width":80,"Height":24}');
    await new Promise((resolve) => void setTimeout(resolve, 100));
    terminal.send(0, "busybox stty size; exit 3\n");
    await terminal.ended;
    expect(terminal.stdout).toContain("24 80");
    expect(terminal.status.details).toMatchObject({ causes: [{ message: "3" }] });
  });

  test("older WebSocket clients speak with the runtime itself", async () => {
    const old = await exec("echo out; exit 2", "output=1&error=1", ["v4.channel.k8s.io"]);
    await old.ended;
    expect([old.socket.protocol, old.stdout, old.status.status]).toEqual(["v4.channel.k8s.io", "out\n", "Failure"]);
  });

  test("what cannot be is refused before it begins", async () => {
    const refused = async (path: string): Promise<string> => {
      const socket = new WebSocket(`wss://${platform.network.address}:10250${path}`, ["v5.channel.k8s.io"], client);
      const [, response] = await once(socket, "unexpected-response") as [unknown, IncomingMessage];
      let text = `${response.statusCode} `;
      for await (const chunk of response) text += String(chunk);
      return text.trim();
    };
    expect(await refused("/exec/default/talker/absent?command=ls&output=1")).toBe('404 container not found ("absent")');
    expect(await refused("/exec/default/talker/main?command=ls")).toBe("400 you must specify at least 1 of stdin, stdout, stderr");
    expect(await refused("/nothing")).toBe("404 404 page not found");
    expect(await ask(execPath(["ls"], "output=1"), "POST")).toBe("Upgrade request required\n");
  });

  test("SPDY clients speak with the runtime itself", async () => {
    const socket = await new Promise<Duplex>((resolve, reject) => {
      const upgrade = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" };
      const path = execPath(["/bin/busybox", "cat"], "input=1&output=1");
      const sent = request({ host: platform.network.address, port: 10_250, path, method: "POST", headers: upgrade, agent: false, ...client });
      sent.on("upgrade", (answer, upgraded, head) => {
        expect(answer.headers["x-stream-protocol-version"]).toBe("v4.channel.k8s.io");
        upgraded.unshift(head);
        resolve(upgraded);
      });
      sent.on("response", (answer) => reject(new Error(`answered ${answer.statusCode}`)));
      sent.on("error", reject).end();
    });
    const heard = new Map<number, string>();
    await new Promise<void>((resolve) => {
      const spdy = new SpdyConnection(socket, {
        data: (stream, bytes) => void heard.set(stream, (heard.get(stream) ?? "") + bytes.toString()), finished: () => undefined, drained: () => undefined,
        ended: () => resolve(),
      }, Buffer.alloc(0));
      const [, stdin] = ["error", "stdin", "stdout"].map((streamtype) => spdy.open({ streamtype })) as [number, number, number];
      spdy.write(stdin, Buffer.from("through and through"));
      spdy.finish(stdin);
    });
    expect(heard.get(5)).toBe("through and through");
    expect(JSON.parse(heard.get(1)!)).toMatchObject({ status: "Success" });
  });

  test("ports are reached through a tunnel, one connection after the other", async () => {
    const tunnel = await openTunnel(`https://${platform.network.address}:10250/portForward/default/server`, client);
    const heard = new Map<number, string>();
    const finished = new Set<number>();
    const spdy = new SpdyConnection(tunnel, {
      data: (stream, bytes) => void heard.set(stream, (heard.get(stream) ?? "") + bytes.toString()), finished: (stream) => void finished.add(stream),
      drained: () => undefined, ended: () => undefined,
    }, Buffer.alloc(0));
    for (const requestid of ["0", "1"]) {
      const error = spdy.open({ streamtype: "error", port: "8080", requestid });
      spdy.finish(error);
      const data = spdy.open({ streamtype: "data", port: "8080", requestid });
      await expect.poll(() => heard.get(data), { timeout: 5_000 }).toContain("served");
      spdy.finish(data);
      await expect.poll(() => finished.has(error), { timeout: 5_000 }).toBe(true);
      expect(heard.get(error)).toBeUndefined();
    }
    const error = spdy.open({ streamtype: "error", port: "9", requestid: "2" });
    spdy.open({ streamtype: "data", port: "9", requestid: "2" });
    await expect.poll(() => heard.get(error), { timeout: 5_000 }).toContain("onnection refused");
    spdy.close();
  });

  test("older WebSocket clients name the port in advance", async () => {
    const old = await new Process("/portForward/default/server?port=8080", ["v4.channel.k8s.io"]).opened();
    const messages: Buffer[] = [];
    old.socket.on("message", (message: Buffer) => messages.push(message));
    await expect.poll(() => Buffer.concat(messages).toString(), { timeout: 5_000 }).toContain("served");
    old.socket.close();
  });

  test("an attached client hears and feeds the container's own process", async () => {
    const attached = await new Process("/attach/default/talker/main?input=1&output=1&error=1").opened();
    attached.send(0, "one\n");
    await expect.poll(() => attached.stdout, { timeout: 5_000 }).toBe("got one\n");
    attached.socket.close();
    expect(await ask("/containerLogs/default/talker/main?stream=Stdout")).toBe("hello\ngot one\n");
    expect(await ask("/containerLogs/default/talker/main?stream=Stderr")).toBe("oops\n");
  });

  test("what the node and its containers use is told", async () => {
    const { node, pods } = JSON.parse(await ask("/stats/summary")) as { node: { memory: object }; pods: { podRef: { name: string }; containers: object[] }[] };
    expect(node.memory).toMatchObject({ workingSetBytes: expect.any(Number) as number, availableBytes: expect.any(Number) as number });
    expect(pods.map(({ podRef }) => podRef.name).toSorted()).toEqual(["server", "talker"]);
    const known = { cpu: { usageCoreNanoSeconds: expect.any(Number) as number }, memory: { workingSetBytes: expect.any(Number) as number } };
    expect(pods[0]!.containers[0]).toMatchObject({ name: "main", ...known });
    expect(await ask("/metrics/resource")).toMatch(/^container_memory_working_set_bytes\{container="main",namespace="default",pod="server"\} [1-9]/m);
    expect(await ask("/metrics")).toContain("kubelet_running_pods 2\n");
  });

  test("logs are followed over their rotation, to the container's end", async () => {
    put("writer", [shell("main", 'for i in $(busybox seq 1 6000); do echo "line $i of many to fill the log"; done; sleep 2; echo after; sleep 1; echo last')]);
    await expect.poll(() => phases(), { timeout: 20_000 }).toContain("writer Running");
    const response = await open("/containerLogs/default/writer/main?follow=true");
    let text = "";
    const ended = new Promise<void>((resolve) => void response.on("data", (chunk: Buffer) => (text += String(chunk))).on("end", resolve));
    await expect.poll(() => text, { timeout: 5_000 }).toContain("line 6000 of");
    kubelet.send({ rotate: true });
    expect(await once(kubelet, "message")).toEqual(["rotated", undefined]);
    await ended;
    const lines = text.split("\n");
    expect([lines.length, lines[0], lines.at(-3), lines.at(-2)]).toEqual([6003, "line 1 of many to fill the log", "after", "last"]);
    await expect.poll(() => ask("/containerLogs/default/writer/main?previous=true&tailLines=1"), { timeout: 20_000 }).toBe("last\n");
  });
});
