import { Pod } from "#api/core/pod.ts";
import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import type { Objects, RequestInfo, ResourceRequest, User } from "../../request.ts";
import type { Authorizer, Decision } from "../authorizer.ts";
import { ruleAllows } from "../rbac/rules.ts";
import { nodeIdentity } from "./identity.ts";
import { NodeGraph } from "./graph.ts";
import type { Reference } from "./references.ts";

const allowed: Decision = { outcome: "allow", reason: "" };
const noOpinion: Decision = { outcome: "none", reason: "" };
const leaseNamespace = "kube-node-lease";

/**
 * What kubelets may do: read what their pods refer to, write their own node, lease and CSINode, and the rest as `rules` say. What
 * they may change about an object is for the NodeRestriction admission plugin.
 */
export class NodeAuthorizer implements Authorizer {
  readonly name = "node";
  readonly #objects: Objects;
  readonly #rules: readonly PolicyRule[];
  #built: NodeGraph | undefined;

  /** @param rules those of the role system:node */
  constructor(objects: Objects, rules: readonly PolicyRule[]) {
    this.#objects = objects;
    this.#rules = rules;
  }

  authorize(user: User, request: RequestInfo): Decision {
    const { isNode, nodeName } = nodeIdentity(user);
    if (!isNode) return noOpinion;
    if (!nodeName) return none(`unknown node for user ${JSON.stringify(user.name)}`);
    const { resource } = request;
    const refusal = resource && this.#restriction(nodeName, request.verb, resource);
    if (refusal !== undefined) return none(refusal);
    return this.#rules.some((rule) => ruleAllows(rule, request)) ? allowed : noOpinion;
  }

  /** Why this node may not, or `undefined` where the rules alone decide. */
  #restriction(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
    switch (`${asked.group}/${asked.resource}`) {
      case "/secrets": return this.#readsReferenced(nodeName, verb, asked, "secrets");
      case "/configmaps": return this.#readsReferenced(nodeName, verb, asked, "configmaps");
      case "/persistentvolumeclaims": return this.#claim(nodeName, verb, asked);
      case "/persistentvolumes": return this.#volume(nodeName, verb, asked);
      case "/serviceaccounts": return this.#account(nodeName, verb, asked);
      case "/nodes": return ownNode(nodeName, verb, asked);
      case "/pods": return this.#pod(nodeName, verb, asked);
      case "coordination.k8s.io/leases": return ownLease(nodeName, verb, asked);
      case "storage.k8s.io/csinodes": return ownByName(nodeName, verb, asked, "CSINode");
      default: return undefined;
    }
  }

  #readsReferenced(nodeName: string, verb: string, asked: ResourceRequest, resource: "secrets" | "configmaps"): string | undefined {
    if (verb !== "get" && verb !== "list" && verb !== "watch") return "can only read resources of this type";
    if (asked.subresource) return "cannot read subresource";
    const name = nameOf(asked);
    if (name === "" || asked.namespace === "") return "can only read namespaced object of this type";
    return this.#unlessReferenced(nodeName, resource, { ...asked, name });
  }

  #claim(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
    if (asked.subresource === "status" ? !["get", "update", "patch"].includes(verb) : verb !== "get") {
      return "can only get individual resources of this type";
    }
    if (asked.subresource && asked.subresource !== "status") return "can only update the status of a claim";
    return this.#unlessReferenced(nodeName, "persistentvolumeclaims", asked);
  }

  #volume(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
    if (verb !== "get" || asked.name === "") return "can only get individual resources of this type";
    if (asked.subresource) return "cannot get subresource";
    return this.#graph().mounts(nodeName, asked.name) ? undefined : noRelationship(nodeName);
  }

  #account(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
    if (asked.subresource === "token" ? verb !== "create" : verb !== "get" || asked.subresource) {
      return "can only create tokens for individual service accounts";
    }
    if (asked.name === "") return "can only create tokens for individual service accounts";
    return this.#unlessReferenced(nodeName, "serviceaccounts", asked);
  }

  #pod(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
    if (asked.subresource) return undefined;
    if (verb === "list" || verb === "watch") {
      return selected(asked.fieldSelector, "spec.nodeName") === nodeName ? undefined : "can only list/watch pods with spec.nodeName field selector";
    }
    if (verb !== "get") return undefined;
    const pod = this.#objects.get(Pod, asked.namespace, asked.name);
    return pod && pod.spec.nodeName !== nodeName ? noRelationship(nodeName) : undefined;
  }

  #unlessReferenced(nodeName: string, resource: Reference["resource"], asked: ResourceRequest): string | undefined {
    const { namespace, name } = asked;
    return this.#graph().refersTo(nodeName, { resource, namespace, name }) ? undefined : noRelationship(nodeName);
  }

  /** Built on the first decision, when the watch caches are filled. */
  #graph(): NodeGraph {
    return (this.#built ??= new NodeGraph(this.#objects));
  }
}

function none(reason: string): Decision {
  return { outcome: "none", reason };
}

function noRelationship(nodeName: string): string {
  return `no relationship found between node '${nodeName}' and this object`;
}

function ownNode(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
  if (asked.subresource && asked.subresource !== "status") return undefined;
  if (verb === "create" && asked.name === "") return undefined;
  const reading = verb === "get" || verb === "list" || verb === "watch";
  const name = nameOf(asked);
  if (name === nodeName) return undefined;
  if (name === "") return `node '${nodeName}' cannot ${reading ? "read" : verb} all nodes, only its own Node object`;
  return `node '${nodeName}' cannot ${reading ? "read" : verb} '${name}', only its own Node object`;
}

function ownLease(nodeName: string, verb: string, asked: ResourceRequest): string | undefined {
  if (asked.namespace !== leaseNamespace) return `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`;
  return ownByName(nodeName, verb, asked, "node lease");
}

function ownByName(nodeName: string, verb: string, asked: ResourceRequest, what: string): string | undefined {
  if (!["get", "create", "update", "patch", "delete"].includes(verb)) return `can only get, create, update, patch, or delete a ${what}`;
  if (asked.subresource) return "cannot authorize subresources";
  // A creation has no name yet: admission looks at the object.
  const isOwn = asked.name === nodeName || (verb === "create" && asked.name === "");
  return isOwn ? undefined : `can only access ${what} with the same name as the requesting node`;
}

function nameOf({ name, fieldSelector }: ResourceRequest): string {
  return name === "" ? selected(fieldSelector, "metadata.name") ?? "" : name;
}

/** The one value that a field selector lets through. */
function selected(fieldSelector: string | undefined, field: string): string | undefined {
  for (const requirement of fieldSelector?.split(",") ?? []) {
    const [name, value] = requirement.split(/==?/);
    if (name === field) return value;
  }
  return undefined;
}
