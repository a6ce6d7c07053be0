import { mkdtemp, readFile, mkdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Run } from "./command.ts";

/** What this machine offers to a node, found out once per start. */
export interface Machine {
  readonly containerdVersion: { readonly major: number; readonly minor: number };
  readonly cniPlugins: string;
  readonly snapshotter: "overlayfs" | "native";
  readonly apparmor: boolean;
  /** May a process lower its OOM score below what it started with (CAP_SYS_RESOURCE)? */
  readonly mayLowerOomScore: boolean;
  readonly cgroupVersion: 1 | 2;
  /** Largest packet on the way to the default gateway, in bytes. */
  readonly mtu: number;
}

/** Something that a node cannot do without is missing. `message` says what, and the way out. */
export class MachineError extends Error {
  override readonly name = "MachineError";
}

const CNI_PLUGIN_DIRECTORIES = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const NEEDED_CNI_PLUGINS = ["bridge", "host-local", "portmap", "loopback"];
const CAP_SYS_RESOURCE = 24n;

/** @param directory where images will be kept: whether overlayfs works depends on the file system below it. */
export async function inspectMachine(run: Run, directory: string): Promise<Machine> {
  const [containerdVersion, snapshotter, mayLowerOomScore, mtu] = await Promise.all([
    containerd(run), overlayWorks(run, directory), capable(CAP_SYS_RESOURCE), defaultMtu(run),
    need(run, "runc", "runc"), need(run, "nft", "nftables"), need(run, "iptables", "iptables"), bridgeFilter(run),
  ]);
  const apparmor = await readFile("/sys/module/apparmor/parameters/enabled", "utf8").then((text) => text.startsWith("Y"), () => false);
  return {
    containerdVersion,
    cniPlugins: cniPlugins(),
    snapshotter: snapshotter ? "overlayfs" : "native",
    apparmor,
    mayLowerOomScore,
    cgroupVersion: existsSync("/sys/fs/cgroup/cgroup.controllers") ? 2 : 1,
    mtu,
  };
}

async function containerd(run: Run): Promise<Machine["containerdVersion"]> {
  const text = await need(run, "containerd", "containerd");
  const match = /\bv?(\d+)\.(\d+)\.\d+/.exec(text);
  if (match === null) throw new MachineError(`cannot tell containerd's version from "${text.trim()}"`);
  const version = { major: Number(match[1]), minor: Number(match[2]) };
  if (version.major < 1 || (version.major === 1 && version.minor < 6)) {
    throw new MachineError(`containerd ${version.major}.${version.minor} is too old: 1.6 or newer is needed`);
  }
  return version;
}

async function need(run: Run, command: string, packageName: string): Promise<string> {
  return run(command, ["--version"]).catch((cause: unknown) => {
    throw new MachineError(`${command} is missing or broken: install it with "apt-get install ${packageName}"`, { cause });
  });
}

function cniPlugins(): string {
  const found = CNI_PLUGIN_DIRECTORIES.find((directory) => NEEDED_CNI_PLUGINS.every((plugin) => existsSync(join(directory, plugin))));
  if (found !== undefined) return found;
  throw new MachineError(
    `no directory of ${CNI_PLUGIN_DIRECTORIES.join(", ")} holds the CNI plugins ${NEEDED_CNI_PLUGINS.join(", ")}: `
    + 'install them with "apt-get install containernetworking-plugins"',
  );
}

/** Tries it: an overlay cannot lie on another overlay, as in many containers, nor on some network file systems. */
async function overlayWorks(run: Run, directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  const trial = await mkdtemp(join(directory, "overlay-trial-"));
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => join(trial, name));
  try {
    await Promise.all([lower, upper, work, merged].map((path) => mkdir(String(path))));
    await run("mount", ["-t", "overlay", "overlay", "-o", `lowerdir=${lower},upperdir=${upper},workdir=${work}`, String(merged)]);
    await run("umount", [String(merged)]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/** Without it, a pod that calls a service on its own node would get the answer from the wrong sender. */
async function bridgeFilter(run: Run): Promise<void> {
  if (existsSync("/proc/sys/net/bridge")) return;
  await run("modprobe", ["br_netfilter"]).catch((cause: unknown) => {
    throw new MachineError('the kernel module br_netfilter is missing: "modprobe br_netfilter" must work', { cause });
  });
}

async function capable(capability: bigint): Promise<boolean> {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${effective}`) >> capability) % 2n === 1n;
}

async function defaultMtu(run: Run): Promise<number> {
  const routes: unknown = JSON.parse(await run("ip", ["-json", "-4", "route", "show", "default"]) || "[]");
  const [first] = Array.isArray(routes) ? (routes as { dev?: string }[]) : [];
  if (first?.dev === undefined) return 1_500;
  const mtu = await readFile(`/sys/class/net/${first.dev}/mtu`, "utf8").then(Number, () => 1_500);
  return Math.min(mtu, 1_500);
}
