import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Endpoint, EndpointPort } from "#api/generated/discovery-v1.ts";
import { canonicalJson } from "#machinery/canonical-json.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { groupBy } from "../group-by.ts";

/** Endpoints that have the same ports. */
export interface SliceContent {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  /** Slices that there are to be: `before` absent to be made, `content` absent to be left as it is. */
  readonly slices: readonly { readonly before?: EndpointSlice; readonly content?: SliceContent }[];
  readonly surplus: readonly EndpointSlice[];
}

/** A slice while it is filled. */
interface Filling {
  before: EndpointSlice | undefined;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
  changed: boolean;
}

/**
 * Spreads endpoints over slices such that few slices change: what is in a slice stays there; what is new goes first where something
 * changes anyway, then where it all fits, then into new slices. Slices that would go take the place of ones that would be made. There
 * is always one slice, if an empty one.
 * @param capacity so many endpoints fit in a slice
 */
export function distribute(contents: readonly SliceContent[], existing: readonly EndpointSlice[], capacity: number): SlicePlan {
  const byPorts = groupBy(existing, ({ ports }) => portsKey(ports ?? []));
  const filled = contents.flatMap((content) => {
    const key = portsKey(content.ports);
    const slices = byPorts.get(key) ?? [];
    byPorts.delete(key);
    return fill(content, slices, capacity);
  });
  const wanted = filled.filter(({ endpoints }) => endpoints.length > 0);
  const kept = new Set(wanted.map(({ before }) => before));
  const surplus = existing.filter((slice) => !kept.has(slice));
  if (wanted.length === 0) return placeholder(surplus);
  for (const slice of wanted) {
    if (!slice.before && surplus.length > 0) slice.before = surplus.shift();
  }
  return { slices: wanted.map(planned), surplus };
}

function fill({ ports, endpoints }: SliceContent, existing: readonly EndpointSlice[], capacity: number): Filling[] {
  const missing = new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const slices = existing.map((before) => keep(before, ports, missing));
  const waiting = [...missing.values()];
  for (const slice of slices) {
    if (slice.changed && waiting.length > 0) slice.endpoints.push(...waiting.splice(0, capacity - slice.endpoints.length));
  }
  while (waiting.length > 0) {
    const part = waiting.splice(0, capacity);
    const roomy = slices.filter((slice) => !slice.changed && slice.endpoints.length + part.length <= capacity);
    const fullest = roomy.sort((left, right) => right.endpoints.length - left.endpoints.length)[0];
    if (fullest) {
      fullest.endpoints.push(...part);
      fullest.changed = true;
    } else slices.push({ before: undefined, ports, endpoints: part, changed: true });
  }
  return slices;
}

/** The slice with what is still wanted of it, in its present version; takes that off `missing`. */
function keep(before: EndpointSlice, ports: readonly EndpointPort[], missing: Map<string, Endpoint>): Filling {
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const endpoint of before.endpoints ?? []) {
    const key = endpointKey(endpoint);
    const wanted = missing.get(key);
    missing.delete(key);
    if (wanted) endpoints.push(wanted);
    if (!wanted || !semanticallyEqual(wanted, endpoint)) changed = true;
  }
  return { before, ports, endpoints, changed };
}

function planned({ before, ports, endpoints, changed }: Filling): SlicePlan["slices"][number] {
  if (before && !changed) return { before };
  return { ...(before ? { before } : {}), content: { ports, endpoints } };
}

function placeholder(existing: readonly EndpointSlice[]): SlicePlan {
  const [before, ...surplus] = existing;
  if (!before) return { slices: [{ content: { ports: [], endpoints: [] } }], surplus: [] };
  const isEmpty = (before.endpoints?.length ?? 0) === 0 && (before.ports?.length ?? 0) === 0;
  return { slices: [isEmpty ? { before } : { before, content: { ports: [], endpoints: [] } }], surplus };
}

function endpointKey({ addresses, targetRef }: Endpoint): string {
  return `${targetRef?.uid ?? ""} ${addresses.join(" ")}`;
}

function portsKey(ports: readonly EndpointPort[]): string {
  return canonicalJson(ports);
}
