import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import { TokenRequest } from "#api/authentication/token-request.ts";
import { equal } from "#machinery/equality.ts";
import type { Objects } from "../../../request.ts";
import type { AdmissionRequest } from "../../admission.ts";
import { objectOf, oldObjectOf, refuse } from "../../of-kind.ts";

/** A kubelet asks for tokens of the accounts of its pods, each bound to such a pod. The body is a TokenRequest. */
export function checkToken(request: AdmissionRequest, nodeName: string, objects: Objects): void {
  const bound = (objectOf(request, TokenRequest) as Partial<TokenRequest>).spec?.boundObjectRef;
  if (bound?.kind !== "Pod" || bound.apiVersion !== "v1") throw refuse(request, "node requested token not bound to a pod");
  if (!bound.uid) throw refuse(request, "node requested token with a pod binding without a uid");
  const pod = objects.get(Pod, request.namespace, bound.name ?? "");
  if (!pod) throw refuse(request, `pod ${JSON.stringify(bound.name ?? "")} not found`);
  if (pod.metadata.uid !== bound.uid) throw refuse(request, `the UID in the bound object reference (${bound.uid}) does not match the UID in record`);
  if (pod.spec.nodeName !== nodeName) throw refuse(request, "node requested token bound to a pod scheduled on a different node");
}

/** A kubelet tells how far a claim's volume has grown. */
export function checkClaimStatus(request: AdmissionRequest): void {
  if (request.subresource !== "status" || request.operation !== "UPDATE") {
    throw refuse(request, "nodes can only update the status of persistent volume claims");
  }
  const { spec } = objectOf(request, PersistentVolumeClaim);
  const old = oldObjectOf(request, PersistentVolumeClaim);
  if (!equal(spec, old?.spec)) throw refuse(request, "node is not allowed to update fields other than status");
}

/** A kubelet tells of its own node's devices, for their drivers. */
export function checkSlice(request: AdmissionRequest, nodeName: string): void {
  const { operation } = request;
  if (operation !== "CREATE" && operation !== "DELETE") return;
  const slice = operation === "CREATE" ? objectOf(request, ResourceSlice) : oldObjectOf(request, ResourceSlice);
  if (slice && slice.spec.nodeName !== nodeName) {
    throw refuse(request, `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`);
  }
}

export function checkLease(request: AdmissionRequest, nodeName: string): void {
  if (request.namespace !== "kube-node-lease") throw refuse(request, 'can only access leases in the "kube-node-lease" system namespace');
  checkNamedAfterNode(request, nodeName, "node lease");
}

export function checkNamedAfterNode(request: AdmissionRequest, nodeName: string, what: string): void {
  const name = request.name || request.object?.metadata.name;
  if (name !== nodeName) throw refuse(request, `can only access ${what} with the same name as the requesting node`);
}
