import { describe, expect, test } from "vitest";
import type { Endpoints } from "#api/core/endpoints.ts";
import type { Service } from "#api/core/service.ts";
import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Metadata } from "#machinery/kind.ts";
import { aService, epoch, metadataOf, ownedBy } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { endpointSliceMirroringController } from "./endpoint-slice-mirroring.ts";

const service = aService("db", { spec: { selector: undefined as never } });
const ports = [{ name: "sql", port: 5432, protocol: "TCP" }] as const;

function endpointsOf(subsets: Endpoints["subsets"], metadata: Partial<Metadata> = {}): Endpoints {
  return { apiVersion: "v1", kind: "Endpoints", metadata: metadataOf("db", metadata), subsets };
}

const external = endpointsOf([{ addresses: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }], notReadyAddresses: [{ ip: "10.0.0.2", hostname: "b" }], ports }], {
  labels: { team: "a" }, annotations: { note: "x", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
});

function sliceOf(name: string, more: Partial<EndpointSlice> = {}): EndpointSlice {
  const labels = { "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io", "kubernetes.io/service-name": "db" };
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: metadataOf(name, { labels, ownerReferences: ownedBy(external) }),
    addressType: "IPv4", endpoints: [], ports, ...more,
  };
}

function reconcile(endpoints: Endpoints, slices: readonly EndpointSlice[] = [], of: Service | undefined = service) {
  return endpointSliceMirroringController.reconcile(endpoints, { service: of, slices }, epoch);
}

test("addresses are mirrored into a slice for each family", () => {
  expect(reconcile(external).writes).toMatchObject([
    {
      do: "create", object: {
        metadata: {
          generateName: "db-", ownerReferences: [{ kind: "Endpoints", name: "db" }], annotations: { note: "x" },
          labels: { team: "a", "kubernetes.io/service-name": "db", "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io" },
        },
        addressType: "IPv4", ports,
        endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }, { addresses: ["10.0.0.2"], conditions: { ready: false }, hostname: "b" }],
      },
    },
    { do: "create", object: { addressType: "IPv6", endpoints: [{ addresses: ["fd00::1"], conditions: { ready: true } }] } },
  ]);
});

test("slices follow changes, and go with the last address", () => {
  const one = endpointsOf([{ addresses: [{ ip: "10.0.0.1" }], ports }]);
  const before = sliceOf("db-a", { endpoints: [{ addresses: ["10.0.0.9"], conditions: { ready: true } }] });
  expect(reconcile(one, [before]).writes).toMatchObject([{ do: "update", object: { metadata: { name: "db-a" }, endpoints: [{ addresses: ["10.0.0.1"] }] } }]);
  expect(deedsOf(reconcile(one, [sliceOf("db-a", { endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }] })]))).toEqual([]);
  expect(deedsOf(reconcile(endpointsOf([]), [before]))).toEqual(["delete EndpointSlice db-a"]);
});

describe("not mirrored, and no longer where they were, are endpoints", () => {
  const cases: readonly (readonly [string, Endpoints, Service | undefined])[] = [
    ["of a service that selects pods", external, aService("db")],
    ["that ask not to be", { ...external, metadata: metadataOf("db", { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } }) }, service],
    ["that elect a leader", { ...external, metadata: metadataOf("db", { annotations: { "control-plane.alpha.kubernetes.io/leader": "{}" } }) }, service],
  ];
  test.each(cases)("%s", (_, endpoints, of) => expect(deedsOf(reconcile(endpoints, [sliceOf("db-a")], of))).toEqual(["delete EndpointSlice db-a"]));

  test("without a service", () => {
    expect(deedsOf(endpointSliceMirroringController.reconcile(external, { service: undefined, slices: [] }, epoch))).toEqual([]);
  });
});
