import type { Draft } from "#machinery/kind.ts";
import type { Pod, PodSpec, PodTemplateSpec, ResourceRequirements } from "../generated/core-v1.ts";
import { defaultPullPolicy } from "./image-pull-policy.ts";

/** Fills what depends on other fields in any pod spec, be it a pod's or a template's. The schema's defaults are there already. */
export function defaultPodSpec(spec: Draft<PodSpec>): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    container.imagePullPolicy ??= defaultPullPolicy(container.image ?? "");
  }
  for (const container of spec.ephemeralContainers ?? []) {
    container.imagePullPolicy ??= defaultPullPolicy(container.image ?? "");
    container.resources ??= {};
    container.terminationMessagePath ??= "/dev/termination-log";
    container.terminationMessagePolicy ??= "File";
  }
  for (const volume of spec.volumes ?? []) {
    if (Object.keys(volume).length === 1 && volume.name !== undefined) volume.emptyDir = {};
  }
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account === undefined) return;
  spec.serviceAccountName = account;
  spec.serviceAccount = account;
}

export function defaultPodTemplate(template: Draft<PodTemplateSpec> | undefined): void {
  if (template?.spec !== undefined) defaultPodSpec(template.spec);
}

/** What pods have beyond their templates: requests where only limits are given, host ports in the host's network, service links. */
export function defaultPod({ spec }: Draft<Pod>): void {
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const { resources } of containers) requestWhatIsLimited(resources);
  if (spec.resources !== undefined) requestWhatIsLimited(spec.resources);
  if (spec.hostNetwork !== true) return;
  for (const { ports = [] } of containers) {
    for (const port of ports) port.hostPort ??= port.containerPort;
  }
}

function requestWhatIsLimited(resources: Draft<ResourceRequirements> | undefined): void {
  if (resources?.limits === undefined) return;
  resources.requests = { ...resources.limits, ...resources.requests };
}
