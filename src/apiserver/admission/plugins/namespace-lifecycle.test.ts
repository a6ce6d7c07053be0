import { describe, expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { LocalSubjectAccessReview } from "#api/authorization/access-review.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { admit } from "../../testing/writes.ts";
import { NamespaceLifecycle } from "./namespace-lifecycle.ts";

function plugin(): NamespaceLifecycle {
  const objects = new FakeObjects();
  objects.put(Namespace, { metadata: { name: "web" } });
  objects.put(Namespace, { metadata: { name: "ending", deletionTimestamp: "2026-01-01T00:00:00Z" } });
  return new NamespaceLifecycle(objects);
}

const inNamespace = (namespace: string): { readonly metadata: { readonly namespace: string; readonly name: string } } => ({ metadata: { namespace, name: "a" } });

describe("writes into a namespace", () => {
  test("that is there", async () => {
    expect(await admit(plugin(), ConfigMap, { object: inNamespace("web") })).toEqual(inNamespace("web"));
  });
  test("that is not", async () => {
    await expect(admit(plugin(), ConfigMap, { object: inNamespace("none") })).rejects.toMatchObject({ code: 404, message: 'namespaces "none" not found' });
  });
  test("that is going: changes, but nothing new", async () => {
    await admit(plugin(), ConfigMap, { object: inNamespace("ending"), oldObject: inNamespace("ending") });
    await expect(admit(plugin(), ConfigMap, { object: inNamespace("ending") })).rejects.toMatchObject({
      code: 403,
      message: 'configmaps "a" is forbidden: unable to create new content in namespace ending because it is being terminated',
      body: { details: { causes: [{ reason: "NamespaceTerminating", message: "namespace ending is being terminated", field: "metadata.namespace" }] } },
    });
  });
  test("reviews may ask about any", async () => {
    await admit(plugin(), LocalSubjectAccessReview, { object: inNamespace("none") });
  });
});

test.each([["default", false], ["kube-system", false], ["kube-public", false], ["web", true]])("namespace %s may be deleted: %s", async (name, may) => {
  const deletion = admit(plugin(), Namespace, { operation: "DELETE", oldObject: { metadata: { name } } });
  if (may) await deletion;
  else await expect(deletion).rejects.toThrow(`namespaces "${name}" is forbidden: this namespace may not be deleted`);
});
