import { expect } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../conformance.ts";

const pod = (namespace: string, name: string, finalizers: readonly string[] = []) => ({
  metadata: { namespace, name, finalizers }, spec: { containers: [{ name: "nginx", image: "nginx" }] },
});

/** Another namespace than that of the stage, with pods in it. */
async function anotherNamespace({ of, namespace, until }: Stage): Promise<string> {
  const name = `${namespace}-own`;
  await of(Namespace).create({ metadata: { name } });
  await until("the namespace takes pods", () => of(Pod).create(pod(name, "web")));
  await until("its pod runs", async () => (await of(Pod).get(name, "web")).status.phase === "Running");
  return name;
}

const isGone = ({ of }: Stage, name: string) => () => of(Namespace).get("", name).then(() => false, isNotFound);

conformance("[sig-api-machinery] Namespaces should patch a Namespace [Conformance] [Serial]", async ({ of, namespace }) => {
  await of(Namespace).patch("", namespace, "application/strategic-merge-patch+json", { metadata: { labels: { testLabel: "testValue" } } });
  expect((await of(Namespace).get("", namespace)).metadata.labels).toEqual({ "kubernetes.io/metadata.name": namespace, testLabel: "testValue" });
});

conformance("[sig-api-machinery] Namespaces should apply an update to a Namespace [Conformance] [Serial]", async ({ of, namespace }) => {
  const { metadata, ...rest } = await of(Namespace).get("", namespace);
  const updated = await of(Namespace).update({ ...rest, metadata: { ...metadata, labels: { ...metadata.labels, [namespace]: "updated" } } });
  expect(updated.metadata.labels).toMatchObject({ [namespace]: "updated" });
});

conformance("[sig-api-machinery] Namespaces should apply changes to a namespace status [Conformance] [Serial]", async ({ of, namespace }) => {
  const namespaces = of(Namespace);
  const patch = { status: { conditions: [{ type: "StatusPatch", status: "True", reason: "E2E", message: "Patched by an e2e test" }] } };
  const patched = await namespaces.patch("", namespace, "application/merge-patch+json", patch, {}, "status");
  expect(patched.status.conditions).toMatchObject(patch.status.conditions);
  const more = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Updated by an e2e test" };
  await namespaces.updateStatus({ ...patched, status: { ...patched.status, conditions: [...(patched.status.conditions ?? []), more] } });
  expect((await namespaces.get("", namespace)).status).toMatchObject({ phase: "Active", conditions: [{ type: "StatusPatch" }, { type: "StatusUpdate" }] });
});

conformance("[sig-api-machinery] Namespaces should apply a finalizer to a Namespace [Conformance] [Serial]", async (stage) => {
  const { of, client, namespace, until } = stage;
  const finalizer = "e2e.example.com/fakeFinalizer";
  const finalize = async (finalizers: readonly string[]): Promise<Namespace> => {
    const current = await of(Namespace).get("", namespace);
    const body = { ...current, spec: { finalizers } };
    return (await client.transport.call({ verb: "update", resource: Namespace, name: namespace, subresource: "finalize", body })) as Namespace;
  };
  expect((await finalize(["kubernetes", finalizer])).spec.finalizers).toEqual(["kubernetes", finalizer]);
  await of(Namespace).delete("", namespace);
  await until("only the finalizer of the test is left", async () => (await of(Namespace).get("", namespace)).spec.finalizers?.join() === finalizer);
  await finalize([]);
  await until("the namespace is gone", isGone(stage, namespace));
});

conformance(
  "[sig-api-machinery] Namespaces should ensure that all pods are removed when a namespace is deleted [Conformance] [Serial]",
  async (stage) => {
    const name = await anotherNamespace(stage);
    await stage.of(Namespace).delete("", name);
    await stage.until("the namespace is gone", isGone(stage, name));
    await stage.of(Namespace).create({ metadata: { name } });
    expect((await stage.of(Pod).list(name)).items).toEqual([]);
  },
);

conformance(
  "[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]",
  async (stage) => {
    const { of, until } = stage;
    const name = await anotherNamespace(stage);
    await of(Pod).create(pod(name, "held", ["e2e.example.com/finalizer"]));
    await of(ConfigMap).create({ metadata: { namespace: name, name: "settings" } });
    await of(Namespace).delete("", name);
    const condition = async (type: string) => (await of(Namespace).get("", name)).status.conditions?.find((each) => each.type === type);
    await until("the pod is told to hold the namespace", async () => (await condition("NamespaceContentRemaining"))?.status === "True");
    expect(await condition("NamespaceContentRemaining")).toMatchObject({ message: expect.stringContaining("pods.") as string });
    await of(ConfigMap).get(name, "settings");
    await of(Pod).patch(name, "held", "application/merge-patch+json", { metadata: { finalizers: null } });
    await until("the namespace is gone", isGone(stage, name));
  },
);
