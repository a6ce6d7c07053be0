import type { User } from "../../request.ts";

const prefix = "system:node:";

/** Whether the user is a kubelet, and of which node. A member of system:nodes with another name is a node that nobody knows. */
export function nodeIdentity(user: User): { readonly isNode: boolean; readonly nodeName: string | undefined } {
  const isNode = user.groups.includes("system:nodes");
  return { isNode, nodeName: isNode && user.name.startsWith(prefix) ? user.name.slice(prefix.length) : undefined };
}
