import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, release, totalmem } from "node:os";
import { gitVersion } from "#apiserver/version.ts";
import type { NodeDescription } from "#kubelet/node/node-description.ts";
import type { NodeNetwork } from "../network-plan.ts";

/** Port of the kubelet's own server on every node. */
export const kubeletPort = 10_250;
const mostPods = "110";

/** What a node on this machine says of itself. @param directory where its pods' files lie */
export async function describeNode(name: string, { address, podCidr }: NodeNetwork, directory: string): Promise<NodeDescription> {
  const disk = await statfs(directory);
  return {
    name,
    podCIDR: podCidr,
    addresses: [{ type: "InternalIP", address }, { type: "Hostname", address: name }],
    capacity: {
      cpu: String(availableParallelism()),
      memory: `${Math.floor(totalmem() / 1024)}Ki`,
      "ephemeral-storage": `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
      pods: mostPods,
    },
    info: {
      machineID: firstLine("/etc/machine-id"),
      systemUUID: firstLine("/sys/class/dmi/id/product_uuid"),
      bootID: firstLine("/proc/sys/kernel/random/boot_id"),
      kernelVersion: release(),
      osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(textOf("/etc/os-release"))?.[1] ?? "Linux",
      kubeletVersion: gitVersion,
      kubeProxyVersion: gitVersion,
      operatingSystem: "linux",
      architecture: process.arch === "x64" ? "amd64" : process.arch,
    },
    kubeletPort,
  };
}

function firstLine(file: string): string {
  return textOf(file).trim().split("\n")[0] ?? "";
}

function textOf(file: string): string {
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  } catch {
    return "";
  }
}
