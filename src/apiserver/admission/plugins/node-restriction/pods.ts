import { Pod } from "#api/core/pod.ts";
import { equal } from "#machinery/equality.ts";
import { podReferences } from "../../../authorization/node/references.ts";
import type { Objects } from "../../../request.ts";
import type { AdmissionRequest } from "../../admission.ts";
import { objectOf, oldObjectOf, refuse } from "../../of-kind.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";

/** A kubelet makes mirror pods, on itself, without access to anything; and deletes what runs on it. */
export function checkPod(request: AdmissionRequest, nodeName: string): void {
  const me = `node ${JSON.stringify(nodeName)}`;
  if (request.operation === "DELETE") {
    const { nodeName: assigned } = oldObjectOf(request, Pod)?.spec ?? {};
    if (assigned !== undefined && assigned !== nodeName) throw refuse(request, `${me} can only delete pods with spec.nodeName set to itself`);
    return;
  }
  if (request.operation !== "CREATE") {
    throw refuse(request, `unexpected operation ${JSON.stringify(request.operation)}, ${me} can only create and delete mirror pods`);
  }
  const pod = objectOf(request, Pod);
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined) {
    throw refuse(request, `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, ${me} can only create mirror pods`);
  }
  if (pod.spec.nodeName !== nodeName) throw refuse(request, `${me} can only create pods with spec.nodeName set to itself`);
  checkOwner(request, pod, nodeName);
  for (const { resource } of podReferences(pod)) throw refuse(request, `${me} can not create pods that reference ${resource}`);
}

function checkOwner(request: AdmissionRequest, { metadata }: Pod, nodeName: string): void {
  const { ownerReferences = [] } = metadata;
  const me = `node ${JSON.stringify(nodeName)}`;
  const [owner] = ownerReferences;
  if (!owner || ownerReferences.length > 1) throw refuse(request, `${me} can only create pods with a single owner reference set to itself`);
  if (owner.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== nodeName || owner.controller !== true) {
    throw refuse(request, `${me} can only create pods with an owner reference set to itself`);
  }
}

/** A kubelet tells how the pods on it are, and evicts them. */
export function checkPodStatus(request: AdmissionRequest, nodeName: string, objects: Objects): void {
  const me = `node ${JSON.stringify(nodeName)}`;
  const stored = objects.get(Pod, request.namespace, request.name);
  const what = request.subresource === "eviction" ? "evict pods" : "update pod status for pods";
  if (stored && stored.spec.nodeName !== nodeName) throw refuse(request, `${me} can only ${what} with spec.nodeName set to itself`);
  if (request.subresource !== "status" || !request.oldObject) return;
  const { metadata } = objectOf(request, Pod);
  if (!equal(metadata.labels ?? {}, request.oldObject.metadata.labels ?? {})) throw refuse(request, `${me} cannot update labels through pod status`);
}
