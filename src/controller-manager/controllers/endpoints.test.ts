import { expect, test } from "vitest";
import type { Endpoints } from "#api/core/endpoints.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Write } from "../controller.ts";
import { aPod, aService, at, epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { endpointsController } from "./endpoints.ts";

const service = aService("web");

function reconcile(pods: readonly Pod[], endpoints?: Endpoints) {
  return endpointsController.reconcile(service, { pods, endpoints }, epoch);
}

function made(pods: readonly Pod[]): Endpoints {
  const [write] = reconcile(pods).writes as [Write & { readonly object: Endpoints }];
  return { ...write.object, metadata: metadataOf("web", write.object.metadata) };
}

test("addresses are sorted and told apart by readiness; pods on their way out are left off", () => {
  const pods = [
    aPod("b", { ip: "10.0.0.2", readySince: 1 }), aPod("a", { ip: "10.0.0.1", readySince: 1, node: "n1" }), aPod("c", { ip: "10.0.0.3" }),
    aPod("d", { ip: "10.0.0.4", readySince: 1, metadata: { deletionTimestamp: at(3) } }),
  ];
  const endpoints = made(pods);
  expect(endpoints.subsets).toMatchObject([{
    addresses: [{ ip: "10.0.0.1", nodeName: "n1", targetRef: { kind: "Pod", name: "a" } }, { ip: "10.0.0.2" }],
    notReadyAddresses: [{ ip: "10.0.0.3" }],
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  }]);
  expect(deedsOf(reconcile(pods, endpoints))).toEqual([]);
  expect(deedsOf(reconcile(pods.slice(1), endpoints))).toEqual(["update Endpoints web"]);
});

test("no more than 1000 addresses fit, ready ones first, and an annotation says so", () => {
  const pods = Array.from({ length: 1100 }, (_, index) => aPod(`p${index}`, { ip: `10.0.${index >> 8}.${index & 255}`, ...(index < 600 ? {} : { readySince: 1 }) }));
  const { metadata, subsets } = made(pods);
  expect(metadata.annotations).toMatchObject({ "endpoints.kubernetes.io/over-capacity": "truncated" });
  expect([subsets![0]!.addresses!.length, subsets![0]!.notReadyAddresses!.length]).toEqual([500, 500]);
});
