import { expect } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Node } from "#api/core/node.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance } from "../conformance.ts";
import { strategicPatch } from "../workloads.ts";

conformance("[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]", async ({ of, namespace: name, until }) => {
  const nodes = of(Node);
  const condition = { type: "Ready", status: "True", reason: "E2E", message: "Set by test" } as const;
  const created = await nodes.create({
    metadata: { name, annotations: { original: "true" } }, spec: {},
    status: { phase: "Running", conditions: [condition] },
  });
  expect((await nodes.get("", name)).metadata.uid).toBe(created.metadata.uid);
  const patched = await nodes.patch("", name, strategicPatch, { metadata: { labels: { [name]: "patched" } } });
  expect(patched.metadata.labels).toMatchObject({ [name]: "patched" });
  expect((await nodes.list("", { labelSelector: `${name}=patched` })).items).toHaveLength(1);
  await until("it is updated", async () => {
    const node = await nodes.get("", name);
    return nodes.update({ ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, [name]: "updated" } } });
  });
  await until("its status is updated", async () => {
    const node = await nodes.get("", name);
    const conditions = [...node.status.conditions ?? [], { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" }];
    return nodes.updateStatus({ ...node, status: { ...node.status, conditions } });
  });
  expect((await nodes.get("", name)).status.conditions).toContainEqual(expect.objectContaining({ type: "StatusUpdate" }));
  await nodes.deleteCollection("", { labelSelector: `${name}=updated` });
  await until("it is gone", () => nodes.get("", name).then(() => false, isNotFound));
});

conformance("[sig-node] ConfigMap should update ConfigMap successfully [Conformance] [NodeConformance]", async ({ of, namespace }) => {
  const maps = of(ConfigMap);
  const created = await maps.create({ metadata: { namespace, name: "changing" }, data: { key: "value" } });
  const updated = await maps.update({ ...created, data: { key: "changed", more: "value" }, binaryData: { dump: "3q2+7w==" } });
  expect(await maps.get(namespace, "changing")).toEqual(updated);
  expect(updated).toMatchObject({ data: { key: "changed", more: "value" }, binaryData: { dump: "3q2+7w==" } });
  expect(updated.metadata.uid).toBe(created.metadata.uid);
});
