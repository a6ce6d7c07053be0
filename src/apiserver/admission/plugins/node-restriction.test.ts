import { describe, expect, test } from "vitest";
import type { TokenRequest } from "#api/authentication/token-request.ts";
import { Lease } from "#api/coordination/lease.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import type { Kind, KubeObject, New } from "#machinery/kind.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { someUser } from "../../testing/requests.ts";
import { admit, type SomeWrite } from "../../testing/writes.ts";
import { NodeRestriction } from "./node-restriction.ts";

const one = someUser("system:node:one", "system:nodes");

async function admitted<T extends KubeObject>(kind: Kind<T>, write: SomeWrite<T>): Promise<string> {
  const objects = new FakeObjects();
  objects.put(Pod, { metadata: { namespace: "web", name: "mine", uid: "m" }, spec: { nodeName: "one" } });
  objects.put(Pod, { metadata: { namespace: "web", name: "theirs", uid: "t" }, spec: { nodeName: "two" } });
  return admit(new NodeRestriction(objects), kind, { user: one, ...write }).then(() => "", (error: unknown) => (error as Error).message);
}

describe("nodes", () => {
  const node = (name: string, more: New<Node> = {}): New<Node> => ({ ...more, metadata: { name, ...more.metadata } });
  test.each([
    ["its own", { object: node("one", { metadata: { labels: { "kubernetes.io/hostname": "one", team: "a" } } }) }, ""],
    ["another", { object: node("two") }, 'node "one" is not allowed to modify node "two"'],
    ["reserved labels", { object: node("one", { metadata: { labels: { "node-role.kubernetes.io/control-plane": "" } } }) },
      "is not allowed to set the following labels: node-role.kubernetes.io/control-plane"],
    ["restricted labels", { object: node("one", { metadata: { labels: { "node-restriction.kubernetes.io/x": "y" } } }), oldObject: node("one") },
      "is not allowed to modify the following labels"],
    ["its own domains", { object: node("one", { metadata: { labels: { "kubelet.kubernetes.io/a": "1", "sub.node.kubernetes.io/b": "2" } } }) }, ""],
    ["taints at the start", { object: node("one", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }) }, ""],
    ["taints later", { object: node("one", { spec: { taints: [] } }), oldObject: node("one", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }) }, "is not allowed to modify taints"],
  ] as const)("%s", async (_case, write, why) => {
    expect(await admitted(Node, write)).toContain(why);
    if (why === "") expect(await admitted(Node, write)).toBe("");
  });
});

describe("pods", () => {
  const owner = { apiVersion: "v1", kind: "Node", name: "one", uid: "n", controller: true };
  const mirror = (spec: New<Pod["spec"]> = {}): New<Pod> => ({
    metadata: { namespace: "web", name: "m", annotations: { "kubernetes.io/config.mirror": "h" }, ownerReferences: [owner] }, spec: { nodeName: "one", containers: [], ...spec },
  });
  test.each([
    ["a mirror", { object: mirror() }, ""],
    ["no mirror", { object: { metadata: { namespace: "web", name: "m" }, spec: { nodeName: "one" } } }, 'node "one" can only create mirror pods'],
    ["on another node", { object: mirror({ nodeName: "two" }) }, "can only create pods with spec.nodeName set to itself"],
    ["with a secret", { object: mirror({ volumes: [{ name: "s", secret: { secretName: "x" } }] }) }, "can not create pods that reference secrets"],
    ["delete its own", { operation: "DELETE", oldObject: { metadata: { namespace: "web", name: "mine" }, spec: { nodeName: "one" } } }, ""],
    ["delete another's", { operation: "DELETE", oldObject: { metadata: { namespace: "web", name: "theirs" }, spec: { nodeName: "two" } } }, "can only delete pods"],
    ["status of its own", { subresource: "status", object: { metadata: { namespace: "web", name: "mine" } }, oldObject: { metadata: { namespace: "web", name: "mine" } } }, ""],
    ["status of another's", { subresource: "status", object: { metadata: { namespace: "web", name: "theirs" } }, oldObject: { metadata: { namespace: "web", name: "theirs" } } }, "can only update pod status"],
    ["exec", { subresource: "exec", object: { metadata: { namespace: "web", name: "mine" } } }, "unexpected pod subresource"],
  ] as const)("%s", async (_case, write, why) => {
    const message = await admitted(Pod, write as SomeWrite<Pod>);
    if (why === "") expect(message).toBe("");
    else expect(message).toContain(why);
  });
});

describe("tokens", () => {
  const bound = (name: string, uid: string): New<TokenRequest> => ({ metadata: { namespace: "web", name: "robot" }, spec: { boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid } } });
  test.each([
    ["bound to its pod", bound("mine", "m"), ""],
    ["bound to another's", bound("theirs", "t"), "node requested token bound to a pod scheduled on a different node"],
    ["bound to a pod that was replaced", bound("mine", "x"), "does not match the UID in record"],
    ["bound to nothing", { metadata: { namespace: "web", name: "robot" }, spec: {} }, "node requested token not bound to a pod"],
  ] as const)("%s", async (_case, object, why) => {
    const message = await admitted(ServiceAccount, { subresource: "token", object: object as never });
    if (why === "") expect(message).toBe("");
    else expect(message).toContain(why);
  });
});

test.each([["kube-node-lease", "one", ""], ["kube-node-lease", "two", "same name as the requesting node"], ["web", "one", 'in the "kube-node-lease" system namespace']])(
  "lease %s/%s", async (namespace, name, why) => {
    expect(await admitted(Lease, { object: { metadata: { namespace, name } } })).toContain(why);
  },
);

test.each([["one", ""], ["two", "can only create ResourceSlice with the same NodeName as the requesting node"]])("devices of node %s", async (nodeName, why) => {
  expect(await admitted(ResourceSlice, { object: { metadata: { name: "s" }, spec: { nodeName } } as never })).toContain(why);
});

test("others are not looked at", async () => {
  expect(await admitted(Node, { user: someUser("ann"), object: { metadata: { name: "two" } } })).toBe("");
});
