import type { EndpointSlice as EndpointSliceObject } from "../generated/discovery-v1.ts";
import { firstThree } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateEndpointSlice } from "./validation.ts";

export type EndpointSlice = EndpointSliceObject;

const unset = "<unset>";

export const EndpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  message: "discovery/v1.EndpointSlice",
  createOnUpdate: true,
  columns: [
    { name: "AddressType", type: "string", description: "What its addresses are.", value: ({ addressType }) => addressType },
    {
      name: "Ports", type: "string", description: "Where its endpoints listen.",
      value: ({ ports = [] }) => firstThree(ports.map(({ port, name }) => (port === undefined ? name || "*" : String(port))), unset),
    },
    {
      name: "Endpoints", type: "string", description: "Addresses of its endpoints.",
      value: ({ endpoints = [] }) => firstThree(endpoints.flatMap(({ addresses }) => addresses), unset),
    },
  ],
  validate: validateEndpointSlice,
});
