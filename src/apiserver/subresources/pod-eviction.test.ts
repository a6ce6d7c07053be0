import { expect, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import { serverForTest } from "../testing/api-server.ts";

type Status = Partial<PodDisruptionBudget["status"]>;
const namespace = "default";
const labels = { app: "web" };

/** A server with a running pod, and budgets as their controller has left them. */
async function serverWith(phase: "Running" | "Pending", isReady: boolean, ...budgets: readonly { readonly spec?: object; readonly status?: Status }[]) {
  const { of } = await serverForTest();
  const { metadata: _metadata, ...pod } = await of(Pod).create({ metadata: { name: "web", namespace, labels }, spec: { nodeName: "n1", containers: [{ name: "c", image: "i" }] } });
  await of(Pod).updateStatus({ ...pod, metadata: { name: "web", namespace, labels }, status: { phase, conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] } });
  for (const [index, { spec, status }] of budgets.entries()) {
    const made = await of(PodDisruptionBudget).create({ metadata: { name: `calm-${index}`, namespace }, spec: { selector: { matchLabels: labels }, minAvailable: 1, ...spec } });
    await of(PodDisruptionBudget).updateStatus({ ...made, status: { ...made.status, observedGeneration: 1, ...status } });
  }
  const evict = (query: object = {}) => of(Pod).subresource("create", namespace, "web", "eviction", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "web" }, ...query });
  return { of, evict };
}

const refused = { code: 429, message: "Cannot evict pod as it would violate the pod's disruption budget." };
const because = (message: string) => ({ ...refused, body: { details: { causes: [{ reason: "DisruptionBudget", message }] } } });
const spent = { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0 };

test("a pod goes where its budget allows it, which then allows one less and knows of the pod", async () => {
  const { of, evict } = await serverWith("Running", true, { status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 } });
  await evict({ deleteOptions: { dryRun: ["All"] } });
  expect((await of(PodDisruptionBudget).get(namespace, "calm-0")).status).toMatchObject({ disruptionsAllowed: 1 });
  await evict();
  const { status } = await of(PodDisruptionBudget).get(namespace, "calm-0");
  expect(status.disruptionsAllowed).toBe(0);
  expect(Object.keys(status.disruptedPods!)).toEqual(["web"]);
  const { metadata, status: { conditions } } = await of(Pod).get(namespace, "web");
  expect(metadata.deletionTimestamp).toBeDefined();
  expect(conditions).toContainEqual(expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" }));
});

test("a pod stays where its budget is spent", async () => {
  const { evict } = await serverWith("Running", true, { status: spent });
  await expect(evict()).rejects.toMatchObject(because("The disruption budget calm-0 needs 1 healthy pods and has 1 currently"));
});

test("a pod stays until its budget has been looked at, and its client is told when to come again", async () => {
  const { evict } = await serverWith("Running", true, { status: { ...spent, observedGeneration: 0 } });
  await expect(evict()).rejects.toMatchObject(because("The disruption budget calm-0 is still being processed by the server."));
  await expect(evict()).rejects.toMatchObject({ body: { details: { retryAfterSeconds: 10 } } });
});

test("a pod of two budgets cannot be evicted", async () => {
  const { evict } = await serverWith("Running", true, {}, {});
  await expect(evict()).rejects.toMatchObject({
    code: 500, message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
  });
});

test("a pod that has not begun goes, whatever its budget says", async () => {
  const { evict } = await serverWith("Pending", false, { status: spent });
  await evict();
});

test("a pod that is not healthy goes where enough others are, or where the budget does not mind", async () => {
  await (await serverWith("Running", false, { status: spent })).evict();
  const short = { ...spent, currentHealthy: 0 };
  await expect((await serverWith("Running", false, { status: short })).evict()).rejects.toMatchObject(refused);
  await (await serverWith("Running", false, { status: short, spec: { unhealthyPodEvictionPolicy: "AlwaysAllow" } })).evict();
});
