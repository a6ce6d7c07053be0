import { expect, test } from "vitest";
import { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from "#api/autoscaling/v1/horizontal-pod-autoscaler.ts";
import { serverForTest } from "../testing/api-server.ts";
import { WatchLog } from "../testing/watch-log.ts";

const metadata = { name: "web", namespace: "default" };
const spec = { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 5 };

test("what is written in one version is read, changed and watched in the other", async () => {
  const { of } = await serverForTest();
  const [current, old] = [of(HorizontalPodAutoscaler), of(HorizontalPodAutoscalerV1)];
  const log = new WatchLog();
  const watch = old.watch("default", { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true }, log);
  await log.count(1);
  const { metadata: { uid } } = await old.create({ metadata, spec: { ...spec, targetCPUUtilizationPercentage: 60 } });
  const read = await current.get("default", "web");
  expect(read).toMatchObject({ apiVersion: "autoscaling/v2", metadata: { uid }, spec: { metrics: [{ resource: { target: { averageUtilization: 60 } } }] } });
  await current.patch("default", "web", "application/merge-patch+json", { spec: { minReplicas: 2, behavior: { scaleUp: { selectPolicy: "Min" } } } });
  const changed = await old.get("default", "web");
  expect(changed).toMatchObject({ apiVersion: "autoscaling/v1", spec: { minReplicas: 2, targetCPUUtilizationPercentage: 60 } });
  await old.patch("default", "web", "application/merge-patch+json", { spec: { targetCPUUtilizationPercentage: 70 } });
  expect((await current.get("default", "web")).spec).toMatchObject({
    behavior: { scaleUp: { selectPolicy: "Min" } }, metrics: [{ resource: { target: { averageUtilization: 70 } } }],
  });
  await log.count(4);
  watch.close();
  expect(log.lines).toEqual(["BOOKMARK", "ADDED web", "MODIFIED web", "MODIFIED web"]);
  expect(new Set(log.events.map(({ object }) => object.apiVersion))).toEqual(new Set(["autoscaling/v1"]));
});
