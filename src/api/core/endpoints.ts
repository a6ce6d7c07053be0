import type { Endpoints as EndpointsObject } from "../generated/core-v1.ts";
import { firstThree, none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateEndpoints } from "./validation/cluster.ts";

export type Endpoints = EndpointsObject;

export const Endpoints = defineKind<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  scope: "Namespaced",
  message: "core/v1.Endpoints",
  shortNames: ["ep"],
  createOnUpdate: true,
  columns: [
    {
      name: "Endpoints", type: "string", description: "Where the service's pods listen.",
      value: ({ subsets = [] }) => firstThree(subsets.flatMap(endpointsOf), none),
    },
  ],
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  validate: validateEndpoints,
});

function endpointsOf({ addresses = [], ports = [] }: NonNullable<Endpoints["subsets"]>[number]): string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`));
}
