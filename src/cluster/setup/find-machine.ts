import { mkdirSync, mkdtempSync, openSync, readSync, closeSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Capability, capabilityBits, type CgroupMode, type Machine, neededSettings, type Program, type Setting, type Tool, tools } from "./machine.ts";
import type { Outside } from "./outside.ts";
import { SetupError } from "./setup-error.ts";

const cniPlugins = ["bridge", "host-local", "portmap", "loopback"];
const cniFolders = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const authorityFiles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
/** Programs that answer `--version` otherwise, or not at all. */
const versionParameters: Partial<Record<Tool, readonly string[]>> = { ip: ["-V"], "containerd-shim-runc-v2": ["-v"] };

/**
 * Looks at everything that a node with containers needs. As root it tries overlayfs under `dataDirectory`, nftables and
 * network links for real, and leaves nothing of that behind; about 100 ms.
 *
 * @throws SetupError when the data directory cannot be written to.
 */
export async function findMachine(outside: Outside, dataDirectory: string): Promise<Machine> {
  const root = outside.userId === 0;
  const linux = outside.platform === "linux";
  const onTrial = linux && root;
  const programs = await findPrograms(outside);
  const [overlayFailure, nftablesFailure, missingLinkKinds] = await Promise.all([
    onTrial ? tryOverlay(outside, dataDirectory) : "not tried",
    onTrial && programs.nft !== undefined ? tryNftables(outside, programs.nft.path) : "not tried",
    onTrial && programs.ip !== undefined ? tryLinks(outside, programs.ip.path) : [],
  ]);
  return {
    platform: outside.platform,
    root,
    apt: findOnPath(outside, "apt-get") !== undefined,
    programs,
    cniFolder: cniFolders.find((folder) => cniPlugins.every((plugin) => outside.exists(`${folder}/${plugin}`))),
    certificateAuthorities: authorityFiles.some((file) => outside.exists(file)),
    staticBusybox: [findOnPath(outside, "busybox")].find((path) => path !== undefined && isStatic(path)),
    overlayFailure,
    ...findCgroups(outside),
    apparmor: outside.read("/sys/module/apparmor/parameters/enabled")?.trim() === "Y",
    capabilities: findCapabilities(outside),
    nftablesFailure,
    missingLinkKinds,
    settings: await findSettings(outside),
  };
}

/** Where a program is, by the machine's search path. */
export function findOnPath(outside: Outside, name: string): string | undefined {
  return outside.searchPath.map((folder) => `${folder}/${name}`).find((path) => outside.exists(path));
}

async function findPrograms(outside: Outside): Promise<Partial<Record<Tool, Program>>> {
  const found = await Promise.all(
    tools.map(async (name): Promise<[Tool, Program] | undefined> => {
      const path = findOnPath(outside, name);
      if (path === undefined) return undefined;
      const { stdout, stderr } = await outside.run(path, versionParameters[name] ?? ["--version"]);
      return [name, { path, version: /\d+\.\d[\w.~+-]*/.exec(`${stdout}\n${stderr}`)?.[0] }];
    }),
  );
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}

/** @returns why overlayfs cannot be mounted in `dataDirectory`, or undefined when it can. */
async function tryOverlay(outside: Outside, dataDirectory: string): Promise<string | undefined> {
  const folder = makeTrialFolder(dataDirectory);
  try {
    for (const name of ["lower", "upper", "work", "merged"]) mkdirSync(join(folder, name));
    const options = `lowerdir=${folder}/lower,upperdir=${folder}/upper,workdir=${folder}/work`;
    const mounted = await outside.run("mount", ["-t", "overlay", "-o", options, "overlay", `${folder}/merged`]);
    if (mounted.status !== 0) return firstLine(mounted.stderr).replace(/^mount: \S+: /, "");
    await outside.run("umount", [`${folder}/merged`]);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeTrialFolder(dataDirectory: string): string {
  try {
    mkdirSync(dataDirectory, { recursive: true });
    return mkdtempSync(join(dataDirectory, "overlay-trial-"));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new SetupError(`cannot write to the data directory ${dataDirectory} (${code}): choose another with --data-dir`, { cause });
  }
}

/** Asks the kernel to check a rule set like kube-proxy's, without loading it. */
async function tryNftables(outside: Outside, nft: string): Promise<string | undefined> {
  const ruleSet =
    "add table ip knarr_trial; add chain ip knarr_trial nat { type nat hook prerouting priority dstnat; };" +
    " add map ip knarr_trial services { type ipv4_addr . inet_proto . inet_service : verdict; };" +
    " add rule ip knarr_trial nat ip daddr . meta l4proto . th dport vmap @services;";
  const checked = await outside.run(nft, ["--check", ruleSet]);
  return checked.status === 0 ? undefined : firstLine(checked.stderr);
}

/** Makes links in a network namespace that ends with the command. */
async function tryLinks(outside: Outside, ip: string): Promise<string[]> {
  const trials: Record<string, string[]> = { bridge: ["type", "bridge"], veth: ["type", "veth", "peer", "name", "knarr1"] };
  const results = await Promise.all(
    Object.entries(trials).map(async ([kind, parameters]) => {
      const made = await outside.run("unshare", ["--net", ip, "link", "add", "knarr0", ...parameters]);
      return made.status === 0 ? [] : [kind];
    }),
  );
  return results.flat();
}

function findCgroups(outside: Outside): { cgroupMode: CgroupMode; cgroupControllers: string[] } {
  const unified = outside.read("/sys/fs/cgroup/cgroup.controllers");
  if (unified !== undefined) return { cgroupMode: "v2", cgroupControllers: unified.trim().split(/\s+/) };
  const cgroupControllers = ["cpu", "cpuset", "memory", "pids", "blkio", "devices", "freezer", "hugetlb"].filter((name) =>
    outside.exists(`/sys/fs/cgroup/${name}`),
  );
  if (cgroupControllers.length === 0) return { cgroupMode: "none", cgroupControllers };
  return { cgroupMode: outside.exists("/sys/fs/cgroup/unified") ? "hybrid" : "v1", cgroupControllers };
}

function findCapabilities(outside: Outside): Record<Capability, boolean> {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(outside.read("/proc/self/status") ?? "")?.[1] ?? "0"}`);
  const has = (name: Capability): boolean => ((mask >> BigInt(capabilityBits[name])) & 1n) === 1n;
  return { netAdmin: has("netAdmin"), sysAdmin: has("sysAdmin"), sysResource: has("sysResource") };
}

async function findSettings(outside: Outside): Promise<Record<Setting, string | undefined>> {
  const read = (name: Setting): string | undefined => outside.read(settingPath(name))?.trim();
  const bridge: Setting = "net.bridge.bridge-nf-call-iptables";
  // The kernel has the bridge's settings only once this module is there.
  if (outside.userId === 0 && outside.platform === "linux" && read(bridge) === undefined) await outside.run("modprobe", ["br_netfilter"]);
  const names = Object.keys(neededSettings) as Setting[];
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Setting, string | undefined>;
}

/** Where /proc has a setting. */
export function settingPath(name: string): string {
  return `/proc/sys/${name.replaceAll(".", "/")}`;
}

/** Whether an ELF file needs no loader: it has no PT_INTERP segment (64-bit, as every platform of Node is). */
export function isStatic(path: string): boolean {
  const head = Buffer.alloc(4096);
  try {
    const file = openSync(path, "r");
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
  } catch {
    return false;
  }
  if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return false;
  const tableOffset = Number(head.readBigUInt64LE(32));
  const [entryBytes, entries] = [head.readUInt16LE(54), head.readUInt16LE(56)];
  const offsets = Array.from({ length: entries }, (_, index) => tableOffset + index * entryBytes).filter((at) => at + 4 <= head.length);
  return offsets.every((at) => head.readUInt32LE(at) !== 3);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
