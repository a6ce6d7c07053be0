import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { cidrProblems, parseCidr } from "#machinery/ip.ts";
import type { ServiceCIDR as ServiceCIDRObject } from "../generated/networking-v1.ts";
import { defineKind } from "../define-kind.ts";
import { invalid } from "../field-checks.ts";
import { immutableDetail } from "../object-meta.ts";

export type ServiceCIDR = ServiceCIDRObject;

const oneFamilyDetail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
const rangesPath = fieldPath("spec", "cidrs");

export const ServiceCIDR = defineKind<ServiceCIDR>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  message: "networking/v1.ServiceCIDR",
  subresources: { status: true },
  columns: [{ name: "CIDRs", type: "string", description: "Ranges of addresses.", value: ({ spec: { cidrs = [] } }) => cidrs.join(",") }],
  validate,
  validateUpdate,
});

function validate({ spec: { cidrs = [] } }: ServiceCIDR): FieldError[] {
  if (cidrs.length === 0) return [requiredValue(rangesPath, "at least one CIDR required")];
  if (cidrs.length > 2) return [invalidValue(rangesPath, cidrs, "may only hold up to 2 values")];
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.family);
  return [
    ...(first !== undefined && first === second ? [invalidValue(rangesPath, cidrs, oneFamilyDetail)] : []),
    ...cidrs.flatMap((cidr, index) => invalid(rangesPath.index(index), cidr, cidrProblems(cidr))),
  ];
}

/** The only change is that a second family comes along. */
function validateUpdate({ spec: { cidrs = [] } }: ServiceCIDR, { spec: { cidrs: old = [] } }: ServiceCIDR): FieldError[] {
  if (semanticallyEqual(cidrs, old)) return [];
  if (old.length !== 1 || cidrs.length !== 2) return [invalidValue(rangesPath, cidrs, immutableDetail)];
  return cidrs[0] === old[0] ? [] : [invalidValue(rangesPath.index(0), cidrs[0], "primary CIDR can not be changed")];
}
