import type { Lease as LeaseObject } from "../generated/coordination-v1.ts";
import { defineKind } from "../define-kind.ts";
import { invalidValue } from "#machinery/field-errors.ts";

export type Lease = LeaseObject;

export const Lease = defineKind<Lease>({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  message: "coordination/v1.Lease",
  createOnUpdate: true,
  unconditionalUpdate: false,
  columns: [{ name: "Holder", type: "string", description: "Who holds it.", value: ({ spec }) => spec.holderIdentity ?? "" }],
  validate: ({ spec: { leaseDurationSeconds: duration, leaseTransitions: transitions } }) => [
    ...(duration !== undefined && duration <= 0 ? [invalidValue("spec.leaseDurationSeconds", duration, "must be greater than 0")] : []),
    ...(transitions !== undefined && transitions < 0
      ? [invalidValue("spec.leaseTransitions", transitions, "must be greater than or equal to 0")] : []),
  ],
});
