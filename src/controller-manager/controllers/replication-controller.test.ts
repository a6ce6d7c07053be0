import { expect, test } from "vitest";
import type { ReplicationController } from "#api/core/replication-controller.ts";
import { aPod, epoch, metadataOf, templateOf, webLabels } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { replicationControllerController } from "./replication-controller.ts";

const controller: ReplicationController = {
  apiVersion: "v1", kind: "ReplicationController", metadata: metadataOf("web", { generation: 1 }),
  spec: { replicas: 2, selector: webLabels, template: templateOf() }, status: { replicas: 0 },
};

test("it keeps pods as a replica set does, and its status knows no terminating ones", () => {
  const mine = aPod("a", { owner: controller, readySince: 0 });
  const outcome = replicationControllerController.reconcile(controller, { candidates: [mine], related: [mine] }, epoch);
  expect(deedsOf(outcome)).toEqual(["create Pod web-"]);
  expect(outcome.writes!.flat()[0]).toMatchObject({ object: { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "ReplicationController" }] } } });
  expect(statusOf(outcome)).toEqual({ replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 1 });
});
