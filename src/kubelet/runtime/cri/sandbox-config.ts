import type { Pod } from "#api/generated/core-v1.ts";
import { containersOf } from "../../containers.ts";
import { seccompProfile, supplementalGroups } from "../../linux/security.ts";
import type { DnsConfig } from "../../network/dns-config.ts";
import { identityOf } from "../runtime.ts";
import type { Sent } from "./definitions.ts";
import { podLabels } from "./labels.ts";

export interface SandboxFacts {
  readonly attempt: number;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dns: DnsConfig;
  readonly cgroupParent: string;
  readonly seccompRoot: string;
}

/** What the runtime must know to make a pod's sandbox. Pure. */
export function sandboxConfig(pod: Pod, facts: SandboxFacts): Sent<"PodSandboxConfig"> {
  const { name, namespace, uid, annotations } = pod.metadata;
  const inHost = pod.spec.hostNetwork === true;
  return {
    metadata: { name, namespace, uid, attempt: facts.attempt },
    // Runtimes leave the host's own name alone only where none is given.
    hostname: inHost ? "" : facts.hostname,
    logDirectory: facts.logDirectory,
    dnsConfig: { servers: facts.dns.servers, searches: facts.dns.searches, options: facts.dns.options },
    portMappings: inHost ? [] : portMappings(pod),
    labels: { ...pod.metadata.labels, ...podLabels(identityOf(pod)) },
    annotations: { ...annotations },
    linux: {
      cgroupParent: facts.cgroupParent,
      sysctls: Object.fromEntries((pod.spec.securityContext.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value])),
      securityContext: sandboxSecurity(pod, facts.seccompRoot),
    },
  };
}

export function namespaceOptions(pod: Pod): Sent<"NamespaceOption"> {
  return {
    network: pod.spec.hostNetwork === true ? "NODE" : "POD",
    pid: pod.spec.hostPID === true ? "NODE" : pod.spec.shareProcessNamespace === true ? "POD" : "CONTAINER",
    ipc: pod.spec.hostIPC === true ? "NODE" : "POD",
  };
}

function sandboxSecurity(pod: Pod, seccompRoot: string): Sent<"LinuxSandboxSecurityContext"> {
  const { runAsUser, runAsGroup, seccompProfile: profile, seLinuxOptions } = pod.spec.securityContext;
  return {
    namespaceOptions: namespaceOptions(pod),
    ...(runAsUser === undefined ? {} : { runAsUser: { value: runAsUser } }),
    ...(runAsUser === undefined || runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    ...(seLinuxOptions === undefined ? {} : { selinuxOptions: seLinuxOptions }),
    supplementalGroups: supplementalGroups(pod),
    privileged: containersOf(pod).some(({ container }) => container.securityContext?.privileged === true),
    seccomp: seccompProfile(profile ?? { type: "RuntimeDefault" }, seccompRoot),
  };
}

function portMappings(pod: Pod): readonly Sent<"PortMapping">[] {
  return [...pod.spec.initContainers ?? [], ...pod.spec.containers]
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ protocol, containerPort, hostPort, hostIP = "" }) => ({ protocol, containerPort, hostPort, hostIp: hostIP }));
}
