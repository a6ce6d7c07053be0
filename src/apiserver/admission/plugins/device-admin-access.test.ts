import { expect, test } from "vitest";
import { Namespace } from "#api/core/namespace.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { admit } from "../../testing/writes.ts";
import { DeviceAdminAccess } from "./device-admin-access.ts";

function refusal(kind: Kind<KubeObject>, namespace: string, spec: object): Promise<string> {
  const objects = new FakeObjects();
  objects.put(Namespace, { metadata: { name: "plain" } });
  objects.put(Namespace, { metadata: { name: "trusted", labels: { "resource.kubernetes.io/admin-access": "true" } } });
  const object = { kind: kind.kind, metadata: { namespace, name: "c" }, spec } as unknown as KubeObject;
  return admit(new DeviceAdminAccess(objects), kind, { object }).then(() => "", (error: unknown) => (error as Error).message);
}

const asking = (adminAccess?: boolean): object => ({ devices: { requests: [{ name: "a", exactly: { deviceClassName: "gpu", ...(adminAccess ? { adminAccess } : {}) } }] } });
const needs = "Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace";

test("only trusted namespaces may look after devices", async () => {
  expect(await refusal(ResourceClaim, "plain", asking(true))).toBe(
    `ResourceClaim.resource.k8s.io "c" is invalid: spec.devices.requests[0].exactly.adminAccess: ${needs}`,
  );
  expect(await refusal(ResourceClaimTemplate, "plain", { spec: asking(true) })).toContain(`spec.spec.devices.requests[0].exactly.adminAccess: ${needs}`);
  expect(await refusal(ResourceClaim, "trusted", asking(true))).toBe("");
  expect(await refusal(ResourceClaim, "plain", asking())).toBe("");
});
