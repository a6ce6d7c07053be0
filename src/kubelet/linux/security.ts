import type { Pod, SeccompProfile } from "#api/generated/core-v1.ts";
import type { AnyContainer } from "../containers.ts";
import type { Sent } from "../runtime/cri/definitions.ts";
import { type ImageStatus, StartError } from "../runtime/runtime.ts";

/** Parts of /proc and /sys that containers do not see, and those that they may only read (OCI defaults). */
const maskedPaths = [
  "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
  "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", "/proc/interrupts",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

type SecurityProfile = Sent<"SecurityProfile">;

/** Who a container runs as and what it may do. @param seccompRoot directory of the node's own seccomp profiles */
export function containerSecurity(pod: Pod, container: AnyContainer, seccompRoot: string): Sent<"LinuxContainerSecurityContext"> {
  const whole = pod.spec.securityContext;
  const own = container.securityContext ?? {};
  const privileged = own.privileged ?? false;
  const user = own.runAsUser ?? whole.runAsUser;
  const group = own.runAsGroup ?? whole.runAsGroup;
  const unmasked = privileged || own.procMount === "Unmasked";
  const seccomp = own.seccompProfile ?? whole.seccompProfile;
  const apparmor = own.appArmorProfile ?? whole.appArmorProfile;
  const selinux = own.seLinuxOptions ?? whole.seLinuxOptions;
  return {
    capabilities: { addCapabilities: own.capabilities?.add ?? [], dropCapabilities: own.capabilities?.drop ?? [] },
    privileged,
    ...(user === undefined ? {} : { runAsUser: { value: user } }),
    ...(group === undefined ? {} : { runAsGroup: { value: group } }),
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: whole.supplementalGroupsPolicy ?? "Merge",
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : maskedPaths,
    readonlyPaths: unmasked ? [] : readonlyPaths,
    seccomp: privileged ? { profileType: "Unconfined" } : seccompProfile(seccomp, seccompRoot),
    ...(apparmor === undefined ? {} : { apparmor: { profileType: apparmor.type, localhostRef: apparmor.localhostProfile ?? "" } }),
    ...(selinux === undefined ? {} : { selinuxOptions: selinux }),
  };
}

export function seccompProfile(profile: SeccompProfile | undefined, root: string): SecurityProfile {
  if (profile?.type === "Localhost") return { profileType: "Localhost", localhostRef: `${root}/${profile.localhostProfile ?? ""}` };
  return { profileType: profile?.type === "RuntimeDefault" ? "RuntimeDefault" : "Unconfined" };
}

/** Groups of every process of a pod, beside its own. */
export function supplementalGroups(pod: Pod): readonly number[] {
  const { fsGroup, supplementalGroups: groups = [] } = pod.spec.securityContext;
  return [...new Set([...fsGroup === undefined ? [] : [fsGroup], ...groups])];
}

/** Refuses a container that must not run as root and would, or might. @throws StartError */
export function verifyUser(pod: Pod, container: AnyContainer, image: ImageStatus): void {
  const own = container.securityContext;
  const whole = pod.spec.securityContext;
  if ((own?.runAsNonRoot ?? whole.runAsNonRoot) !== true) return;
  const { name, namespace, uid } = pod.metadata;
  const where = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  const user = own?.runAsUser ?? whole.runAsUser;
  if (user === 0) throw new StartError("CreateContainerConfigError", `container's runAsUser breaks non-root policy ${where}`);
  if (user !== undefined) return;
  if (typeof image.user === "string") {
    const message = `container has runAsNonRoot and image has non-numeric user (${image.user}), cannot verify user is non-root ${where}`;
    throw new StartError("CreateContainerConfigError", message);
  }
  if ((image.user ?? 0) === 0) throw new StartError("CreateContainerConfigError", `container has runAsNonRoot and image will run as root ${where}`);
}

/** What a runtime would silently leave out, or this node cannot do. */
export function unsupportedSecurity(pod: Pod): string | undefined {
  if (pod.spec.hostUsers === false) return "user namespaces (hostUsers: false) are not supported by this node's runtime";
  return undefined;
}
