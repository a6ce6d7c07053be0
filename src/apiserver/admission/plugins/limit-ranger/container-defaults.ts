import type { LimitRange } from "#api/core/limit-range.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Container } from "#api/generated/core-v1.ts";
import type { ResourceList } from "#machinery/resource-list.ts";

/** Says what was filled in, for people. */
const annotation = "kubernetes.io/limit-ranger";

/** The pod with what the range has for containers that do not say it themselves. */
export function withContainerDefaults(pod: Pod, { spec }: LimitRange): Pod {
  const items = spec.limits.filter(({ type }) => type === "Container");
  const limits: ResourceList = Object.assign({}, ...items.map((item) => item.default));
  const requests: ResourceList = Object.assign({}, ...items.map((item) => item.defaultRequest));
  const set: string[] = [];
  const fill = (what: string) => (container: Container): Container => {
    const { resources } = container;
    const [moreRequests, moreLimits] = [lacking(resources.requests, requests), lacking(resources.limits, limits)];
    set.push(...told(moreRequests, `request for ${what} ${container.name}`), ...told(moreLimits, `limit for ${what} ${container.name}`));
    return {
      ...container,
      resources: { ...resources, ...merged("requests", resources.requests, moreRequests), ...merged("limits", resources.limits, moreLimits) },
    };
  };
  const containers = pod.spec.containers.map(fill("container"));
  const initContainers = pod.spec.initContainers?.map(fill("init container"));
  if (set.length === 0) return pod;
  const annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${set.join("; ")}` };
  return {
    ...pod, metadata: { ...pod.metadata, annotations },
    spec: { ...pod.spec, containers, ...(initContainers && { initContainers }) },
  };
}

function lacking(given: ResourceList | undefined, defaults: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(defaults).filter(([resource]) => given?.[resource] === undefined));
}

function merged(field: "requests" | "limits", given: ResourceList | undefined, more: ResourceList): { readonly [field: string]: ResourceList } {
  return Object.keys(more).length === 0 ? {} : { [field]: { ...given, ...more } };
}

function told(amounts: ResourceList, what: string): readonly string[] {
  const resources = Object.keys(amounts).toSorted();
  return resources.length === 0 ? [] : [`${resources.join(", ")} ${what}`];
}
