import { addedCapabilities, having } from "./baseline.ts";
import { type Check, type CheckedPod, containersOf, distinct, named, ofContainers, quoted } from "./violations.ts";

const bindService = new Set(["NET_BIND_SERVICE"]);
const volumeTypes = new Set(["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"]);

/** What hardened pods keep to, besides the baseline. On Windows most of it has no meaning. */
export const restrictedChecks: readonly Check[] = [
  {
    id: "allowPrivilegeEscalation",
    violation: (pod) => unlessWindows(pod, () => ofContainers("allowPrivilegeEscalation != false",
      having(pod, ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false), "must set securityContext.allowPrivilegeEscalation=false")),
  },
  {
    id: "capabilities_restricted", overrides: ["capabilities_baseline"],
    violation: (pod) => unlessWindows(pod, () => restrictedCapabilities(pod)),
  },
  { id: "restrictedVolumes", overrides: ["hostPathVolumes"], violation: restrictedVolumes },
  { id: "runAsNonRoot", violation: runAsNonRoot },
  { id: "runAsUser", violation: runAsUser },
  { id: "seccompProfile_restricted", overrides: ["seccompProfile_baseline"], violation: (pod) => unlessWindows(pod, () => seccomp(pod)) },
];

function unlessWindows({ spec }: CheckedPod, check: () => string | undefined): string | undefined {
  return spec.os?.name === "windows" ? undefined : check();
}

function restrictedCapabilities(pod: CheckedPod): string | undefined {
  const reason = "unrestricted capabilities";
  const keeping = having(pod, ({ capabilities }) => capabilities?.drop?.includes("ALL") !== true);
  const dropping = ofContainers(reason, keeping, 'must set securityContext.capabilities.drop=["ALL"]');
  const adding = addedCapabilities(reason, pod, bindService);
  if (dropping === undefined || adding === undefined) return dropping ?? adding;
  return `${dropping.slice(0, -1)}; ${adding.slice(reason.length + 2)}`;
}

function restrictedVolumes({ spec }: CheckedPod): string | undefined {
  const typed = (spec.volumes ?? []).map((volume) => ({ name: volume.name, type: Object.keys(volume).find((key) => key !== "name") ?? "unknown" }));
  const failing = typed.filter(({ type }) => !volumeTypes.has(type));
  if (failing.length === 0) return undefined;
  const types = distinct(failing.map(({ type }) => type));
  const uses = failing.length === 1 ? "uses" : "use";
  const restricted = `restricted volume type${types.length === 1 ? "" : "s"} ${quoted(types)}`;
  return `restricted volume types (${named("volume", failing.map(({ name }) => name))} ${uses} ${restricted})`;
}

/** Each container says so itself, or leaves it to the pod; in a user namespace of its own, root is nobody outside. */
function runAsNonRoot(pod: CheckedPod): string | undefined {
  if (pod.spec.hostUsers === false) return undefined;
  const podSays = pod.spec.securityContext?.runAsNonRoot;
  const wrong = having(pod, ({ runAsNonRoot: says }) => says === false);
  const unsaid = having(pod, ({ runAsNonRoot: says }) => says === undefined);
  const reason = "runAsNonRoot != true";
  if (podSays === false) return `${reason} (pod must not set securityContext.runAsNonRoot=false)`;
  if (wrong.length > 0) return ofContainers(reason, wrong, "must not set securityContext.runAsNonRoot=false");
  if (podSays === true || unsaid.length === 0) return undefined;
  return `${reason} (pod or ${named("container", unsaid.map(({ name }) => name))} must set securityContext.runAsNonRoot=true)`;
}

function runAsUser(pod: CheckedPod): string | undefined {
  if (pod.spec.hostUsers === false) return undefined;
  const names = having(pod, (context) => context.runAsUser === 0).map(({ name }) => name);
  const holders = [...(pod.spec.securityContext?.runAsUser === 0 ? ["pod"] : []), ...(names.length > 0 ? [named("container", names)] : [])];
  return holders.length === 0 ? undefined : `runAsUser=0 (${holders.join(" and ")} must not set runAsUser=0)`;
}

function seccomp(pod: CheckedPod): string | undefined {
  const isGood = (type: string | undefined): boolean => type === "RuntimeDefault" || type === "Localhost";
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  const podType = pod.spec.securityContext?.seccompProfile?.type;
  const wrong = containersOf(pod).filter(({ securityContext }) => {
    const type = securityContext?.seccompProfile?.type;
    return type !== undefined && !isGood(type);
  });
  if (wrong.length > 0) return ofContainers("seccompProfile", wrong, must);
  if (podType !== undefined && !isGood(podType)) return `seccompProfile (pod ${must})`;
  const unsaid = isGood(podType) ? [] : having(pod, ({ seccompProfile }) => seccompProfile === undefined);
  if (unsaid.length === 0) return undefined;
  return `seccompProfile (pod or ${named("container", unsaid.map(({ name }) => name))} ${must})`;
}
