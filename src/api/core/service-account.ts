import type { ServiceAccount as ServiceAccountObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type ServiceAccount = ServiceAccountObject;

export const ServiceAccount = defineKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  scope: "Namespaced",
  message: "core/v1.ServiceAccount",
  shortNames: ["sa"],
  subresources: { others: ["token"] },
  columns: [
    { name: "Secrets", type: "string", description: "How many secrets it may use.", value: ({ secrets = [] }) => String(secrets.length) },
  ],
});
