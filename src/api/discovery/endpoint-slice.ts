import type { EndpointSlice as EndpointSliceObject } from "../generated/discovery-v1.ts";
import { defineKind } from "../define-kind.ts";

export type EndpointSlice = EndpointSliceObject;

export const EndpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  message: "discovery/v1.EndpointSlice",
});
