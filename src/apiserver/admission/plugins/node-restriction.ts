import { Lease } from "#api/coordination/lease.ts";
import { Node } from "#api/core/node.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import { nodeIdentity } from "../../authorization/node/identity.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isOfKind, refuse } from "../of-kind.ts";
import { checkNode } from "./node-restriction/nodes.ts";
import { checkPod, checkPodStatus } from "./node-restriction/pods.ts";
import { checkClaimStatus, checkLease, checkNamedAfterNode, checkSlice, checkToken } from "./node-restriction/others.ts";

/**
 * Narrows what kubelets write down to their own node and the pods on it: whoever takes over a node cannot reach beyond it. The
 * Node authorizer has let the request through already, by what it names; here it is judged by its content.
 */
export class NodeRestriction implements AdmissionPlugin {
  readonly name = "NodeRestriction";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return nodeIdentity(request.user).isNode;
  }

  validate(request: AdmissionRequest): void {
    const { nodeName } = nodeIdentity(request.user);
    if (!nodeName) throw refuse(request, `could not determine node from user ${JSON.stringify(request.user.name)}`);
    const { subresource } = request;
    if (isOfKind(request, Pod)) {
      if (subresource === undefined) checkPod(request, nodeName);
      else if (subresource === "status" || subresource === "eviction") checkPodStatus(request, nodeName, this.#objects);
      else throw refuse(request, `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`);
    } else if (isOfKind(request, Node)) checkNode(request, nodeName);
    else if (isOfKind(request, PersistentVolumeClaim)) checkClaimStatus(request);
    else if (isOfKind(request, ServiceAccount) && subresource === "token") checkToken(request, nodeName, this.#objects);
    else if (isOfKind(request, Lease)) checkLease(request, nodeName);
    else if (isOfKind(request, ResourceSlice)) checkSlice(request, nodeName);
    else if (request.kind.kind === "CSINode") checkNamedAfterNode(request, nodeName, "CSINode");
  }
}
