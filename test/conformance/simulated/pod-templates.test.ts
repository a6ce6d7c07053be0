import { expect } from "vitest";
import { PodTemplate } from "#api/core/pod-template.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance } from "../conformance.ts";
import { checkCollection, strategicPatch, templateOf } from "../workloads.ts";

const suite = "[sig-node] PodTemplates";
const labels = { "podtemplate-set": "true" };

conformance(`${suite} should run the lifecycle of PodTemplates [Conformance]`, async ({ of, namespace }) => {
  await of(PodTemplate).create({ metadata: { namespace, name: "nginx-pod-template", labels }, template: templateOf({ app: "nginx" }) });
  expect((await of(PodTemplate).list("", { labelSelector: "podtemplate-set=true" })).items).toHaveLength(1);
  await of(PodTemplate).patch(namespace, "nginx-pod-template", strategicPatch, { metadata: { labels: { podtemplate: "patched" } } });
  const read = await of(PodTemplate).get(namespace, "nginx-pod-template");
  expect(read.metadata.labels).toEqual({ ...labels, podtemplate: "patched" });
  await of(PodTemplate).delete(namespace, "nginx-pod-template");
  await expect(of(PodTemplate).get(namespace, "nginx-pod-template")).rejects.toSatisfy(isNotFound);
});

conformance(`${suite} should delete a collection of pod templates [Conformance]`, async (stage) => {
  for (const name of ["test-podtemplate-1", "test-podtemplate-2", "test-podtemplate-3"]) {
    await stage.of(PodTemplate).create({ metadata: { namespace: stage.namespace, name, labels }, template: templateOf({ app: "nginx" }) });
  }
  await checkCollection(stage, PodTemplate, "podtemplate-set=true", 3);
});

conformance(`${suite} should replace a pod template [Conformance]`, async ({ of, namespace }) => {
  const made = await of(PodTemplate).create({ metadata: { namespace, name: "replaced" }, template: templateOf({ app: "nginx" }) });
  const annotations = { updated: "true" };
  const replaced = await of(PodTemplate).update({ ...made, metadata: { ...made.metadata, annotations } });
  expect(replaced.metadata.annotations).toEqual(annotations);
});
