import type { Pod } from "#api/generated/core-v1.ts";

const longestName = 63;
const longestFullName = 64;

export interface PodHostname {
  readonly name: string;
  /** With subdomain, namespace and cluster domain; absent for a pod without a subdomain. */
  readonly fullName?: string;
}

/** How a pod calls itself (Kubernetes "DNS for Services and Pods"). */
export function podHostname(pod: Pod, clusterDomain: string): PodHostname {
  const { hostname, hostnameOverride, subdomain } = pod.spec;
  if (hostnameOverride !== undefined) return { name: hostnameOverride };
  const name = hostname || pod.metadata.name.slice(0, longestName).replace(/[-.]+$/, "");
  if (!subdomain) return { name };
  return { name, fullName: `${name}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` };
}

/** What the kernel tells as the pod's host name. @throws Error when the full name is asked for and too long */
export function kernelHostname(pod: Pod, clusterDomain: string): string {
  const { name, fullName } = podHostname(pod, clusterDomain);
  if (pod.spec.setHostnameAsFQDN !== true || fullName === undefined) return name;
  if (fullName.length <= longestFullName) return fullName;
  const lengths = `(${longestFullName} characters is the max, ${fullName.length} characters requested)`;
  throw new Error(`failed to construct FQDN from pod hostname and cluster domain, FQDN ${fullName} is too long ${lengths}`);
}
