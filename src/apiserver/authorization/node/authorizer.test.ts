import { expect, test } from "vitest";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { Pod } from "#api/core/pod.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { ask, someUser } from "../../testing/requests.ts";
import { nodeRules } from "../default-roles/components.ts";
import { NodeAuthorizer } from "./authorizer.ts";

function world(): FakeObjects {
  const objects = new FakeObjects();
  objects.put(Pod, { metadata: { namespace: "web", name: "a" }, spec: {
    nodeName: "one", serviceAccountName: "robot", imagePullSecrets: [{ name: "pull" }],
    containers: [{ name: "c", env: [{ name: "E", valueFrom: { secretKeyRef: { name: "env", key: "k" } } }], envFrom: [{ configMapRef: { name: "settings" } }] }],
    volumes: [
      { name: "v", persistentVolumeClaim: { claimName: "disk" } },
      { name: "p", projected: { sources: [{ secret: { name: "projected" } }] } },
      { name: "s", secret: { secretName: "mounted" } },
    ],
  } });
  objects.put(PersistentVolumeClaim, { metadata: { namespace: "web", name: "disk" }, spec: { volumeName: "pv" } });
  objects.put(PersistentVolume, { metadata: { name: "pv" }, spec: {
    claimRef: { namespace: "web", name: "disk" }, csi: { driver: "d", volumeHandle: "h", nodeStageSecretRef: { namespace: "infra", name: "stage" } },
  } });
  return objects;
}

test.each([
  ["get secrets web/env", true],
  ["get secrets web/pull", true],
  ["get secrets web/projected", true],
  ["watch secrets web/mounted", true],
  ["get secrets infra/stage", true],
  ["get secrets web/other", false],
  ["get secrets shop/env", false],
  ["list secrets web", false],
  ["update secrets web/env", false],
  ["get configmaps web/settings", true],
  ["get persistentvolumeclaims web/disk", true],
  ["get persistentvolumes /pv", true],
  ["get persistentvolumes /other", false],
  ["create serviceaccounts/token web/robot", true],
  ["create serviceaccounts/token web/other", false],
  ["get nodes /one", true],
  ["get nodes /two", false],
  ["update nodes/status /one", true],
  ["update nodes/status /two", false],
  ["create nodes", true],
  ["get leases.coordination.k8s.io kube-node-lease/one", true],
  ["update leases.coordination.k8s.io kube-node-lease/two", false],
  ["update leases.coordination.k8s.io kube-system/one", false],
  ["get csinodes.storage.k8s.io /one", true],
  ["get pods web/a", true],
  ["list pods", false],
  ["update pods/status web/a", true],
  ["list services", true],
  ["delete services web/a", false],
  ["create events web", true],
] as const)("%s → %s", (question, allowed) => {
  const decision = new NodeAuthorizer(world(), nodeRules).authorize(someUser("system:node:one", "system:nodes"), ask(question));
  expect(decision.outcome).toBe(allowed ? "allow" : "none");
});

test("lists its own pods only", () => {
  const authorizer = new NodeAuthorizer(world(), nodeRules);
  const one = someUser("system:node:one", "system:nodes");
  expect(authorizer.authorize(one, ask("list pods", { fieldSelector: "spec.nodeName=one" })).outcome).toBe("allow");
  expect(authorizer.authorize(one, ask("list pods", { fieldSelector: "spec.nodeName=two" })).outcome).toBe("none");
  expect(authorizer.authorize(one, ask("watch nodes", { fieldSelector: "metadata.name=one" })).outcome).toBe("allow");
  expect(authorizer.authorize(one, ask("watch secrets web", { fieldSelector: "metadata.name=env" })).outcome).toBe("allow");
});

test("loses access with the pod, and gives none to others", () => {
  const objects = world();
  const authorizer = new NodeAuthorizer(objects, nodeRules);
  const asked = ask("get secrets web/env");
  expect(authorizer.authorize(someUser("system:node:one", "system:nodes"), asked).outcome).toBe("allow");
  expect(authorizer.authorize(someUser("system:node:two", "system:nodes"), asked).reason).toBe("no relationship found between node 'two' and this object");
  expect(authorizer.authorize(someUser("ann"), asked).outcome).toBe("none");
  expect(authorizer.authorize(someUser("ann", "system:nodes"), asked).outcome).toBe("none");
  objects.delete(Pod, "web", "a");
  expect(authorizer.authorize(someUser("system:node:one", "system:nodes"), asked).outcome).toBe("none");
});
