import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import type { Pod, VolumeMount } from "#api/generated/core-v1.ts";
import type { AnyContainer } from "../../containers.ts";
import { expand } from "../../environment/expand.ts";
import type { Mounter } from "../../mounts/mounter.ts";
import { bindSubPath } from "../../mounts/sub-path.ts";
import { hostsFile } from "../../network/hosts-file.ts";
import { type NodeDirectories, PodDirectories } from "../../pod-directories.ts";
import type { PodVolumes } from "../../pod-volumes.ts";
import { type ContainerRequest, identityOf, StartError } from "../runtime.ts";
import type { Sent } from "./definitions.ts";

export interface MountSources {
  readonly volumes: PodVolumes;
  readonly mounter: Mounter;
  readonly directories: NodeDirectories;
  readonly clusterDomain: string;
  /** The node's own, which pods in its network see. */
  readonly hostsPath: string;
  readonly podIPs: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
}

type Mount = Sent<"Mount">;

const hostsTarget = "/etc/hosts";

/** Everything that is mounted into a container: its volumes, /etc/hosts, and the file for its last words. @throws StartError */
export async function containerMounts(request: ContainerRequest, sources: MountSources): Promise<readonly Mount[]> {
  const { pod, container } = request;
  if ((container.volumeDevices ?? []).length > 0) throw new StartError("CreateContainerConfigError", "volumeDevices are not supported by this node");
  const mounts: Mount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) mounts.push(await volumeMount(pod, container, mount, index, sources));
  if (!mounts.some(({ containerPath }) => containerPath === hostsTarget)) mounts.push(await hostsMount(pod, sources));
  if (container.terminationMessagePath) mounts.push(await messageMount(request, sources));
  return mounts;
}

async function volumeMount(pod: Pod, container: AnyContainer, mount: VolumeMount, index: number, sources: MountSources): Promise<Mount> {
  const volume = sources.volumes.mounted(pod.metadata.uid, mount.name);
  if (volume === undefined) throw new StartError("CreateContainerConfigError", `volume "${mount.name}" is not mounted`);
  const subPath = subPathOf(mount, sources.environment);
  let hostPath = volume.path;
  if (subPath !== "") {
    hostPath = new PodDirectories(sources.directories, identityOf(pod)).subPath(mount.name, container.name, index);
    await bindSubPath(sources.mounter, volume.path, subPath, hostPath).catch((cause: Error) => {
      const message = `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}": ${cause.message}`;
      throw new StartError("CreateContainerConfigError", message, { cause });
    });
  }
  const readonly = (mount.readOnly ?? false) || volume.readOnly;
  if (mount.mountPropagation === "Bidirectional" || mount.mountPropagation === "HostToContainer") await shareOwn(volume.path, sources);
  return {
    hostPath, containerPath: absolute(mount.mountPath), readonly, propagation: propagations[mount.mountPropagation ?? "None"],
    recursiveReadOnly: readonly && mount.recursiveReadOnly === "Enabled",
  };
}

const propagations = {
  None: "PROPAGATION_PRIVATE", HostToContainer: "PROPAGATION_HOST_TO_CONTAINER", Bidirectional: "PROPAGATION_BIDIRECTIONAL",
} as const;

function subPathOf({ subPath = "", subPathExpr }: VolumeMount, environment: ReadonlyMap<string, string>): string {
  if (subPathExpr === undefined || subPathExpr === "") return subPath;
  const missing = new Set<string>();
  const expanded = expand(subPathExpr, (name) => {
    const value = environment.get(name);
    if (value === undefined) missing.add(name);
    return value;
  });
  if (missing.size === 0) return expanded;
  throw new StartError("CreateContainerConfigError", `missing value for ${[...missing].map((name) => `"${name}"`).join(", ")}`);
}

/** What lies below the kubelet's own directory is the kubelet's to share; a path of the host is as the host has it. */
async function shareOwn(path: string, { mounter, directories }: MountSources): Promise<void> {
  if (path.startsWith(`${directories.root}/`)) await mounter.share(path);
}

/** Relative mount paths count from the root. */
function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

async function hostsMount(pod: Pod, { directories, podIPs, clusterDomain, hostsPath }: MountSources): Promise<Mount> {
  const path = new PodDirectories(directories, identityOf(pod)).hostsFile;
  const nodeHosts = pod.spec.hostNetwork === true ? await readFile(hostsPath, "utf8").catch(() => "") : "";
  await writeFile(path, hostsFile(pod, podIPs, clusterDomain, nodeHosts), { mode: 0o644 });
  return { hostPath: path, containerPath: hostsTarget };
}

async function messageMount({ pod, container, attempt }: ContainerRequest, { directories }: MountSources): Promise<Mount> {
  const path = new PodDirectories(directories, identityOf(pod)).terminationMessage(container.name, attempt);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "");
  // The container's user, whoever that is, must be able to write it.
  await chmod(path, 0o666);
  return { hostPath: path, containerPath: container.terminationMessagePath };
}
