import { readFile, statfs } from "node:fs/promises";
import { arch, availableParallelism, hostname, release, totalmem } from "node:os";

import type { NodeSystemInfo } from "#api/generated/core-v1.ts";
import type { ResourceList } from "#machinery/resource-list.ts";

export interface MachineFacts {
  readonly hostname: string;
  readonly capacity: ResourceList;
  readonly info: Omit<NodeSystemInfo, "containerRuntimeVersion">;
}

export interface MachineOptions {
  /** Directory on the file system that pods write to. */
  readonly storage: string;
  /** Such as `v1.36.0`. */
  readonly version: string;
  /** Pods that the node may run. Default 110. */
  readonly pods?: number;
  /** Tells nodes on one machine apart: without it all have the machine's own identity. */
  readonly identity?: string;
}

const defaultPods = 110;

/** What the machine below a node is and has. */
export async function readMachine({ storage, version, pods = defaultPods, identity }: MachineOptions): Promise<MachineFacts> {
  const [machineID, systemUUID, bootID, osRelease, meminfo, disk] = await Promise.all([
    text("/etc/machine-id"), text("/sys/class/dmi/id/product_uuid"), text("/proc/sys/kernel/random/boot_id"), text("/etc/os-release"),
    text("/proc/meminfo"), statfs(storage),
  ]);
  const osImage = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? process.platform;
  return {
    hostname: hostname().toLowerCase(),
    capacity: {
      cpu: String(availableParallelism()),
      memory: `${Math.floor(totalmem() / 1024)}Ki`,
      "ephemeral-storage": `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
      pods: String(pods),
      ...hugePages(meminfo),
    },
    info: {
      machineID: identity ?? machineID, systemUUID: identity ?? (systemUUID || machineID), bootID, osImage,
      kernelVersion: release(), kubeletVersion: version, kubeProxyVersion: version,
      operatingSystem: "linux", architecture: architectures[arch()] ?? arch(),
    },
  };
}

/** Go's names for what Node names otherwise. */
const architectures: { readonly [name: string]: string } = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** Of the machine's own page size (proc_meminfo(5)). */
function hugePages(meminfo: string): ResourceList {
  const kibibytes = Number(/^Hugepagesize:\s*(\d+) kB$/m.exec(meminfo)?.[1] ?? 0);
  const count = Number(/^HugePages_Total:\s*(\d+)$/m.exec(meminfo)?.[1] ?? 0);
  if (kibibytes === 0) return {};
  return { [`hugepages-${kibibytes / 1024}Mi`]: String(count === 0 ? 0 : `${(count * kibibytes) / 1024}Mi`) };
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8").then((content) => content.trim(), () => "");
}
