import { expect, test } from "vitest";
import type { Job } from "#api/batch/job.ts";
import { at, epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { ttlAfterFinishedController } from "./ttl-after-finished.ts";

const ended = { conditions: [{ type: "Failed", status: "True", lastTransitionTime: at(90) }] };

test.each<[string, number | undefined, Job["status"], string[], number | undefined]>([
  ["that is over for long enough is deleted", 10, ended, ["delete Job pi"], undefined],
  ["that has just ended stays for its time", 30, ended, [], 20_000],
  ["that says nothing of it stays", undefined, ended, [], undefined],
  ["that runs stays", 0, {}, [], undefined],
])("a job %s", (_, ttlSecondsAfterFinished, status, deeds, wait) => {
  const job: Job = { apiVersion: "batch/v1", kind: "Job", metadata: metadataOf("pi"), spec: { ttlSecondsAfterFinished } as Job["spec"], status };
  const outcome = ttlAfterFinishedController.reconcile(job, undefined, epoch + 100_000);
  expect(deedsOf(outcome)).toEqual(deeds);
  expect(outcome.requeueAfterMilliseconds).toBe(wait);
});
