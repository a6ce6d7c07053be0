import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { equal } from "#machinery/equality.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import type { Write } from "../controller.ts";
import { update } from "../writes.ts";
import type { SliceContent, SlicePlan } from "./distribute.ts";

export const serviceNameLabel = "kubernetes.io/service-name";
/** Which controller keeps a slice. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";

/** What all slices of an owner and an address family have alike. */
export interface SliceFrame {
  readonly owner: KubeObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly family: string;
}

export function sliceWrites(plan: SlicePlan, frame: SliceFrame): Write[] {
  const { labels, annotations } = frame;
  const writes: Write[] = [];
  for (const { before, content } of plan.slices) {
    if (before && !content && equal(before.metadata.labels, labels)) continue;
    if (!before) {
      writes.push({ do: "create", kind: EndpointSlice, object: sliceOf(content, frame) });
      continue;
    }
    const metadata = { ...before.metadata, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : { annotations: undefined }) };
    writes.push(update(EndpointSlice, { ...before, metadata, ...content }));
  }
  return [...writes, ...plan.surplus.map(sliceRemoval)];
}

export function sliceRemoval({ metadata: { namespace, name, uid } }: EndpointSlice): Write {
  return { do: "delete", kind: EndpointSlice, namespace, name, options: { preconditions: { uid } } };
}

function sliceOf(content: SliceContent | undefined, { owner, labels, annotations, family }: SliceFrame): New<EndpointSlice> {
  const { name, namespace } = owner.metadata;
  const ownerReferences = [controllerReference(owner, owner.apiVersion, owner.kind)];
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: { generateName: `${name}-`, namespace, labels, annotations, ownerReferences },
    addressType: family as EndpointSlice["addressType"],
    endpoints: content?.endpoints ?? [],
    ports: content?.ports ?? [],
  };
}
