import { spawn } from "node:child_process";
import { open, readFile, rename, stat } from "node:fs/promises";

import { connectCri } from "#kubelet/runtime/cri/client.ts";
import type { CriClient } from "#kubelet/runtime/cri/client.ts";
import { sleep } from "#machinery/clock.ts";
import type { Clock } from "#machinery/clock.ts";
import { inNetworkNamespace } from "./layout.ts";
import type { PlatformLayout } from "./layout.ts";
import { isAlive, listProcesses } from "./processes.ts";
import type { Process } from "./processes.ts";

const START_LIMIT_MILLISECONDS = 60_000;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
/** Where `sbin` is not on PATH, the CNI plugins would not find iptables. */
const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The containerd that runs with this node's configuration, whoever started it. */
export async function findContainerd(layout: PlatformLayout): Promise<number | undefined> {
  return (await listProcesses()).find(({ args }) => isNamed(args, "containerd") && args.includes(layout.containerdConfiguration))?.pid;
}

/** The shims of this node's pods. They outlive their containerd. */
export function shimsOf(layout: PlatformLayout, processes: readonly Process[]): number[] {
  return processes.filter(({ args }) => isNamed(args, "containerd-shim-runc-v2") && args[args.indexOf("-address") + 1] === layout.containerdSocket)
    .map(({ pid }) => pid);
}

function isNamed(args: readonly string[], name: string): boolean {
  return args[0] !== undefined && (args[0] === name || args[0].endsWith(`/${name}`));
}

/** Whether the process lives in the node's network namespace as it is now. */
export async function livesInNamespace(layout: PlatformLayout, pid: number): Promise<boolean> {
  const inode = (path: string): Promise<number | undefined> => stat(path).then(({ ino }) => ino, () => undefined);
  const [its, ours] = await Promise.all([inode(`/proc/${pid}/ns/net`), inode(`/run/netns/${layout.networkNamespace}`)]);
  return its !== undefined && its === ours;
}

/**
 * Starts containerd on its own, so that it outlives this process, inside the node's network namespace and with the
 * node's name as its host name, which pods on the host network take over. It shares the machine's mount namespace:
 * volumes that are mounted later must reach it. Returns its process id.
 */
export async function spawnContainerd(layout: PlatformLayout, nodeName: string): Promise<number> {
  await rotateLog(layout.containerdLog);
  const log = await open(layout.containerdLog, "a");
  try {
    const [nsenter, ...entering] = inNetworkNamespace(layout);
    const script = 'printf %s "$0" > /proc/sys/kernel/hostname && exec containerd --log-level warn --config "$1"';
    const child = spawn(nsenter, [...entering, "unshare", "--uts", "sh", "-ec", script, nodeName, layout.containerdConfiguration], {
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      cwd: "/",
      env: { PATH: SEARCH_PATH },
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("spawn", () => resolve(Number(child.pid)));
      child.once("error", reject);
    });
    child.unref();
    return pid;
  } finally {
    await log.close();
  }
}

async function rotateLog(path: string): Promise<void> {
  const bytes = await stat(path).then(({ size }) => size, () => 0);
  if (bytes > LOG_LIMIT_BYTES) await rename(path, `${path}.1`);
}

/** Waits until the runtime and its network say that they are ready. Throws with the log's end if containerd ends or takes too long. */
export async function waitUntilReady(clock: Clock, layout: PlatformLayout, pid: number): Promise<void> {
  const client = connectCri(layout.containerdSocket, clock);
  const end = clock.monotonic() + START_LIMIT_MILLISECONDS;
  try {
    for (;;) {
      const unready = await whatIsUnready(client);
      if (unready === undefined) return;
      if (!isAlive(pid)) throw new Error(`containerd ended at once: ${await logEnd(layout)}`);
      if (clock.monotonic() > end) {
        throw new Error(`containerd is not ready after ${START_LIMIT_MILLISECONDS / 1_000} s (${unready}): ${await logEnd(layout)}`);
      }
      await sleep(clock, 20);
    }
  } finally {
    client.close();
  }
}

async function whatIsUnready(client: CriClient): Promise<string | undefined> {
  try {
    const { status } = await client.status({}, { timeoutSeconds: 5 });
    const unready = status?.conditions.find(({ type, status: holds }) => (type === "RuntimeReady" || type === "NetworkReady") && !holds);
    return unready === undefined ? undefined : `${unready.reason}: ${unready.message}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function logEnd(layout: PlatformLayout): Promise<string> {
  const text = await readFile(layout.containerdLog, "utf8").catch(() => "");
  const important = text.trimEnd().split("\n").filter((line) => /level=(error|fatal)|^containerd:|panic/.test(line));
  return (important.length > 0 ? important : text.trimEnd().split("\n")).slice(-3).join(" | ") || "its log is empty";
}
