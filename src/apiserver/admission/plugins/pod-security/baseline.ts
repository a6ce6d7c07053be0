import type { PodSecurityContext, SecurityContext } from "#api/generated/core-v1.ts";
import { type AnyContainer, type Check, type CheckedPod, containersOf, distinct, named, ofContainers, quoted } from "./violations.ts";

const capabilities = new Set([
  "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID",
  "SYS_CHROOT",
]);

const sysctls = new Set([
  "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
]);

const seLinuxTypes = new Set(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);
const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

/** What even an untrusting cluster grants: nothing by which a container is known to reach its node. */
export const baselineChecks: readonly Check[] = [
  { id: "appArmorProfile", violation: appArmor },
  {
    id: "capabilities_baseline",
    violation: (pod) => addedCapabilities("non-default capabilities", pod, capabilities),
  },
  {
    id: "hostNamespaces",
    violation({ spec }) {
      const set = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => spec[field] === true);
      return set.length === 0 ? undefined : `host namespaces (${set.map((field) => `${field}=true`).join(", ")})`;
    },
  },
  {
    id: "hostPathVolumes",
    violation({ spec }) {
      const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
      return names.length === 0 ? undefined : `hostPath volumes (${named("volume", names)})`;
    },
  },
  { id: "hostPorts", violation: hostPorts },
  {
    id: "privileged",
    violation(pod) {
      return ofContainers("privileged", having(pod, ({ privileged }) => privileged === true), "must not set securityContext.privileged=true");
    },
  },
  { id: "procMount", violation: procMount },
  { id: "seLinuxOptions", violation: seLinux },
  {
    id: "seccompProfile_baseline",
    violation: (pod) => ofBoth("seccompProfile", pod, ({ seccompProfile }) => seccompProfile?.type === "Unconfined",
      'must not set securityContext.seccompProfile.type to "Unconfined"'),
  },
  {
    id: "sysctls",
    violation({ spec }) {
      const forbidden = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !sysctls.has(name));
      return forbidden.length === 0 ? undefined : `forbidden sysctls (${distinct(forbidden).join(", ")})`;
    },
  },
  {
    id: "windowsHostProcess",
    violation: (pod) => ofBoth("hostProcess", pod, ({ windowsOptions }) => windowsOptions?.hostProcess === true,
      "must not set securityContext.windowsOptions.hostProcess=true"),
  },
];

export function having(pod: CheckedPod, fails: (context: SecurityContext) => boolean): readonly AnyContainer[] {
  return containersOf(pod).filter(({ securityContext }) => fails(securityContext ?? {}));
}

export function addedCapabilities(reason: string, pod: CheckedPod, allowed: ReadonlySet<string>): string | undefined {
  const failing = having(pod, (context) => context.capabilities?.add?.some((each) => !allowed.has(each)) === true);
  const added = distinct(failing.flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []).filter((each) => !allowed.has(each)));
  return ofContainers(reason, failing, `must not include ${quoted(added)} in securityContext.capabilities.add`);
}

/** What pod and container both have. */
type SharedContext = Pick<PodSecurityContext & SecurityContext, "seccompProfile" | "windowsOptions" | "seLinuxOptions" | "appArmorProfile">;

/** Of the pod itself and of its containers: `reason (pod and container "a" what)`. */
function ofBoth(reason: string, pod: CheckedPod, fails: (context: SharedContext) => boolean, what: string): string | undefined {
  const names = having(pod, fails).map(({ name }) => name);
  const holders = [...(fails(pod.spec.securityContext ?? {}) ? ["pod"] : []), ...(names.length > 0 ? [named("container", names)] : [])];
  return holders.length === 0 ? undefined : `${reason} (${holders.join(" and ")} ${what})`;
}

function hostPorts(pod: CheckedPod): string | undefined {
  const failing = containersOf(pod).filter(({ ports = [] }) => ports.some(({ hostPort }) => hostPort));
  if (failing.length === 0) return undefined;
  const ports = distinct(failing.flatMap(({ ports: all = [] }) => all.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))));
  const uses = failing.length === 1 ? "uses" : "use";
  return ofContainers("hostPort", failing, `${uses} hostPort${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`);
}

function procMount(pod: CheckedPod): string | undefined {
  const isOther = ({ procMount: mount }: SecurityContext): boolean => mount !== undefined && mount !== "Default";
  // In a user namespace of its own a container may see all of /proc.
  const failing = pod.spec.hostUsers === false ? [] : having(pod, isOther);
  const values = distinct(failing.map(({ securityContext }) => securityContext?.procMount ?? ""));
  return ofContainers("procMount", failing, `must not set securityContext.procMount to ${quoted(values)}`);
}

function seLinux(pod: CheckedPod): string | undefined {
  const contexts = [pod.spec.securityContext, ...containersOf(pod).map(({ securityContext }) => securityContext)];
  const options = contexts.flatMap((context) => (context?.seLinuxOptions ? [context.seLinuxOptions] : []));
  const types = distinct(options.map(({ type = "" }) => type).filter((type) => !seLinuxTypes.has(type)));
  const problems = [
    ...(types.length > 0 ? [`type${types.length === 1 ? "" : "s"} ${quoted(types)}`] : []),
    ...(options.some(({ user }) => user) ? ["user may not be set"] : []),
    ...(options.some(({ role }) => role) ? ["role may not be set"] : []),
  ];
  if (problems.length === 0) return undefined;
  const fails = ({ seLinuxOptions: set }: SharedContext): boolean =>
    set !== undefined && (!seLinuxTypes.has(set.type ?? "") || Boolean(set.user || set.role));
  return ofBoth("seLinuxOptions", pod, fails, `set forbidden securityContext.seLinuxOptions: ${problems.join("; ")}`);
}

function appArmor(pod: CheckedPod): string | undefined {
  const annotations = Object.entries(pod.annotations)
    .filter(([key, value]) => key.startsWith(appArmorAnnotation) && value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  if (annotations.length > 0) return `forbidden AppArmor profile${annotations.length === 1 ? "" : "s"} (${annotations.toSorted().join(", ")})`;
  return ofBoth("forbidden AppArmor profile", pod, ({ appArmorProfile }) => appArmorProfile?.type === "Unconfined",
    'must not set AppArmor profile type to "Unconfined"');
}
