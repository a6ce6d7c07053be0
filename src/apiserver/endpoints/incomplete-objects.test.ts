import { expect, test } from "vitest";
import { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import { HorizontalPodAutoscaler as AutoscalerOfV1 } from "#api/autoscaling/v1/horizontal-pod-autoscaler.ts";
import { CronJob } from "#api/batch/cron-job.ts";
import { Job } from "#api/batch/job.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { serverForTest } from "../testing/api-server.ts";

const specs = [undefined, {}, { template: {} }, { template: { spec: {} } }, { jobTemplate: {} }, { jobTemplate: { spec: {} } }, { metrics: [{}], behavior: {} }];
const kinds = [Job, CronJob, PodDisruptionBudget, HorizontalPodAutoscaler, AutoscalerOfV1] as readonly KindReference<KubeObject>[];

test.each(kinds.map((kind) => [`${kind.plural} of ${kind.version}`, kind] as const))("%s that lack what they need are the client's fault", async (_name, kind) => {
  const { of, errors } = await serverForTest();
  for (const spec of specs) {
    const object = { metadata: { name: "a", namespace: "default" }, ...(spec && { spec }) } as unknown as New<KubeObject>;
    await of(kind).create(object, { dryRun: "All" }).catch((error: unknown) => expect(error).toMatchObject({ code: 422 }));
  }
  expect(errors).toEqual([]);
});
