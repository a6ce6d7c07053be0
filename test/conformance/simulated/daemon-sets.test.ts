import { expect } from "vitest";
import { ControllerRevision } from "#api/apps/controller-revision.ts";
import { DaemonSet } from "#api/apps/daemon-set.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { conformance, type Stage } from "../conformance.ts";
import { checkCollection, checkStatusEndpoints, httpd, imagesOf, mergePatch, missingImage, newHttpd, podsOf, strategicPatch, templateOf } from "../workloads.ts";

const suite = "[sig-apps] Daemon set";
const labels = { "daemonset-name": "daemon-set" };
const selector = "daemonset-name=daemon-set";

async function createSet({ of, namespace }: Stage, spec: object = {}): Promise<DaemonSet> {
  const common = { selector: { matchLabels: labels }, template: templateOf(labels) };
  return of(DaemonSet).create({ metadata: { namespace, name: "daemon-set", labels }, spec: { ...common, ...spec } });
}

const patchSet = ({ of, namespace }: Stage, spec: object): Promise<DaemonSet> => of(DaemonSet).patch(namespace, "daemon-set", strategicPatch, { spec });

/** Exactly these nodes have a pod that is available and of the newest template. */
async function runsOn(stage: Stage, nodes: readonly string[]): Promise<void> {
  await stage.until(`the daemons of ${nodes.join(" and ")} are available`, async () => {
    const { metadata, status } = await stage.of(DaemonSet).get(stage.namespace, "daemon-set");
    const found = (await podsOf(stage, selector)).map(({ spec }) => spec.nodeName ?? "").sort();
    return status.observedGeneration === metadata.generation && found.join() === nodes.join() && (status.numberAvailable ?? 0) === nodes.length
      && (status.updatedNumberScheduled ?? 0) === nodes.length;
  });
}

async function nodesOf({ of }: Stage): Promise<string[]> {
  return (await of(Node).list("")).items.map(({ metadata }) => metadata.name).sort();
}

conformance(`${suite} should run and stop simple daemon [Conformance] [Serial]`, async (stage) => {
  await createSet(stage);
  const nodes = await nodesOf(stage);
  await runsOn(stage, nodes);
  const [pod] = await podsOf(stage, selector);
  await stage.of(Pod).delete(stage.namespace, pod!.metadata.name);
  await stage.pass(1);
  await runsOn(stage, nodes);
  await stage.of(DaemonSet).delete(stage.namespace, "daemon-set");
  await stage.until("all daemons are gone", async () => (await stage.of(Pod).list(stage.namespace)).items.length === 0);
});

conformance(`${suite} should run and stop complex daemon [Conformance] [Serial]`, async (stage) => {
  const { of, namespace, until } = stage;
  const color = `${namespace}-color`;
  const [node = ""] = await nodesOf(stage);
  const paint = (value: string | null): Promise<Node> => of(Node).patch("", node, mergePatch, { metadata: { labels: { [color]: value } } });
  const chosen = (value: string): object => ({ template: templateOf(labels, httpd, { nodeSelector: { [color]: value } }) });
  await createSet(stage, { ...chosen("blue"), updateStrategy: { type: "OnDelete" } });
  await until("the set has been looked at", async () => (await of(DaemonSet).get(namespace, "daemon-set")).status.observedGeneration === 1);
  expect(await podsOf(stage, selector)).toEqual([]);
  await paint("blue");
  await runsOn(stage, [node]);
  await paint("green");
  await until("the daemon has left", async () => (await podsOf(stage, selector)).length === 0);
  await patchSet(stage, { ...chosen("green"), updateStrategy: { type: "RollingUpdate" } });
  await runsOn(stage, [node]);
  await paint(null);
});

conformance(`${suite} should update pod when spec was updated and update strategy is RollingUpdate [Conformance] [Serial]`, async (stage) => {
  const { of, namespace } = stage;
  const hashes = async (): Promise<unknown[]> => (await podsOf(stage, selector)).map(({ metadata }) => metadata.labels!["controller-revision-hash"]);
  const revisions = async (): Promise<readonly ControllerRevision[]> => (await of(ControllerRevision).list(namespace, { labelSelector: selector })).items;
  await createSet(stage);
  const nodes = await nodesOf(stage);
  await runsOn(stage, nodes);
  const [first] = await revisions();
  expect([first!.revision, new Set(await hashes())]).toEqual([1, new Set([first!.metadata.labels!["controller-revision-hash"]])]);
  await patchSet(stage, { template: templateOf(labels, newHttpd) });
  await stage.pass(1);
  await runsOn(stage, nodes);
  expect(new Set(await imagesOf(stage, selector))).toEqual(new Set([newHttpd]));
  const second = (await revisions()).find(({ revision }) => revision === 2);
  expect(new Set(await hashes())).toEqual(new Set([second!.metadata.labels!["controller-revision-hash"]]));
});

conformance(`${suite} should rollback without unnecessary restarts [Conformance] [Serial]`, async (stage) => {
  await createSet(stage);
  const nodes = await nodesOf(stage);
  await runsOn(stage, nodes);
  await patchSet(stage, { template: templateOf(labels, missingImage) });
  await stage.until("one daemon is of the bad template", async () => (await imagesOf(stage, selector)).includes(missingImage));
  await stage.pass(10);
  const kept = (await podsOf(stage, selector)).filter(({ spec }) => spec.containers[0]!.image === httpd);
  expect(kept).toHaveLength(nodes.length - 1);
  await patchSet(stage, { template: templateOf(labels) });
  await stage.pass(1);
  await runsOn(stage, nodes);
  const uids = (await podsOf(stage, selector)).map(({ metadata }) => metadata.uid);
  for (const { metadata } of kept) expect(uids).toContain(metadata.uid);
});

conformance(`${suite} should list and delete a collection of DaemonSets [Conformance] [Serial]`, async (stage) => {
  await createSet(stage);
  await runsOn(stage, await nodesOf(stage));
  await checkCollection(stage, DaemonSet, selector, 1);
});

conformance(`${suite} should verify changes to a daemon set status [Conformance] [Serial]`, async (stage) => {
  await createSet(stage);
  await runsOn(stage, await nodesOf(stage));
  await checkStatusEndpoints(stage, DaemonSet, "daemon-set");
});

conformance("[sig-apps] ControllerRevision should manage the lifecycle of a ControllerRevision [Conformance] [Serial]", async (stage) => {
  const { of, namespace, until } = stage;
  const revisions = of(ControllerRevision);
  const set = await createSet(stage);
  await runsOn(stage, await nodesOf(stage));
  const { items: [initial] } = await revisions.list(namespace, { labelSelector: selector });
  const { metadata: { name }, data } = initial!;
  expect(initial!.metadata.ownerReferences).toMatchObject([{ kind: "DaemonSet", uid: set.metadata.uid, controller: true }]);
  const patched = await revisions.patch(namespace, name, strategicPatch, { metadata: { labels: { [name]: "patched" } } });
  expect(patched.metadata.labels![name]).toBe("patched");
  await revisions.create({ metadata: { namespace, name: "second", labels, ownerReferences: initial!.metadata.ownerReferences }, data, revision: initial!.revision + 1 });
  await until("there are two", async () => (await revisions.list(namespace, { labelSelector: selector })).items.length === 2);
  await revisions.delete(namespace, name);
  await until("there is one", async () => (await revisions.list(namespace, { labelSelector: selector })).items.length === 1);
  const second = await revisions.get(namespace, "second");
  const updated = await revisions.update({ ...second, metadata: { ...second.metadata, labels: { ...second.metadata.labels, second: "updated" } } });
  expect(updated.metadata.labels!["second"]).toBe("updated");

  await patchSet(stage, { template: templateOf(labels, httpd, { terminationGracePeriodSeconds: 1 }) });
  await until("the new template is remembered", async () => (await revisions.list(namespace, { labelSelector: selector })).items.length === 2);
  await revisions.deleteCollection(namespace, { labelSelector: "second=updated" });
  await until("one is left", async () => (await revisions.list(namespace, { labelSelector: selector })).items.length === 1);
});
