import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue, tooMany } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems } from "#machinery/names.ts";
import type {
  DeviceClaim, DeviceClaimConfiguration, DeviceConstraint, DeviceRequest, DeviceSubRequest, ResourceClaim, ResourceClaimSpec,
} from "../../generated/resource-v1.ts";
import { checkDistinct, checkName, checkUnchanged } from "../../field-checks.ts";
import { validateOpaque, validateSelectors } from "./devices.ts";
import { checkList } from "./lists.ts";

const mostRequests = 32;
const mostChoices = 8;
const mostConsumers = 256;
const statusPath = fieldPath("status");

export function validateResourceClaim({ spec }: ResourceClaim): FieldError[] {
  return validateClaimSpec(spec, fieldPath("spec"));
}

export function validateResourceClaimUpdate({ spec }: ResourceClaim, { spec: old }: ResourceClaim): FieldError[] {
  return checkUnchanged(spec, old, fieldPath("spec"));
}

export function validateClaimSpec({ devices }: ResourceClaimSpec, path: FieldPath): FieldError[] {
  const { requests = [], constraints = [], config = [] } = devices;
  const at = path.child("devices");
  const names = namesOf(devices);
  return [
    ...checkList(requests, mostRequests, at.child("requests"), validateRequest),
    ...checkDistinct(requests, ({ name }) => name, (index) => at.child("requests").index(index).child("name")),
    ...checkList(constraints, mostRequests, at.child("constraints"), (constraint, where) => validateConstraint(constraint, names, where)),
    ...checkList(config, mostRequests, at.child("config"), (entry, where) => validateConfiguration(entry, names, where)),
  ];
}

/** What a constraint can refer to: requests, and choices as `request/choice`. */
function namesOf({ requests = [] }: DeviceClaim): ReadonlySet<string> {
  return new Set(requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((choice) => `${name}/${choice.name}`)]));
}

const oneOf = "exactly one of `exactly` or `firstAvailable` is required";

function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, path: FieldPath): FieldError[] {
  const errors = [...checkName(name, path.child("name"), dns1123LabelProblems)];
  if (exactly && firstAvailable.length > 0) {
    errors.push(invalidValue(path, { name }, `${oneOf}, but multiple fields are set`));
  }
  if (!exactly && firstAvailable.length === 0) errors.push(requiredValue(path, oneOf));
  const choices = path.child("firstAvailable");
  return [
    ...errors,
    ...(exactly ? validateChoice(exactly, path.child("exactly")) : []),
    ...checkList(firstAvailable, mostChoices, choices, (choice, at) => [
      ...checkName(choice.name, at.child("name"), dns1123LabelProblems), ...validateChoice(choice, at),
    ]),
    ...checkDistinct(firstAvailable, (choice) => choice.name, (index) => choices.index(index).child("name")),
  ];
}

function validateChoice({ deviceClassName, selectors = [], allocationMode, count }: Omit<DeviceSubRequest, "name">, path: FieldPath): FieldError[] {
  const at = path.child("count");
  return [
    ...checkName(deviceClassName, path.child("deviceClassName"), dns1123SubdomainProblems),
    ...validateSelectors(selectors, path.child("selectors")),
    ...(allocationMode === "ExactCount" && (count ?? 0) <= 0 ? [invalidValue(at, count ?? 0, "must be greater than zero")] : []),
    ...(allocationMode === "All" && count !== undefined ? [invalidValue(at, count, "must not be specified when allocationMode is 'All'")] : []),
    ...(allocationMode === undefined || ["All", "ExactCount"].includes(allocationMode)
      ? [] : [notSupportedValue(path.child("allocationMode"), allocationMode, ["All", "ExactCount"])]),
  ];
}

function validateNames(requests: readonly string[], names: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const detail = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  return requests.flatMap((name, index) => (names.has(name) ? [] : [invalidValue(path.index(index), name, detail)]));
}

function validateConstraint(constraint: DeviceConstraint, names: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const { requests = [], matchAttribute, distinctAttribute } = constraint;
  return [
    ...validateNames(requests, names, path.child("requests")),
    ...(matchAttribute === undefined && distinctAttribute === undefined ? [requiredValue(path.child("matchAttribute"))] : []),
  ];
}

function validateConfiguration({ requests = [], opaque }: DeviceClaimConfiguration, names: ReadonlySet<string>, path: FieldPath): FieldError[] {
  return [...validateNames(requests, names, path.child("requests")), ...validateOpaque(opaque, path)];
}

/** Devices are given once; they may be used while they are there. */
export function validateResourceClaimStatus({ status }: ResourceClaim, { status: old }: ResourceClaim): FieldError[] {
  const { allocation, reservedFor = [] } = status;
  const at = statusPath.child("reservedFor");
  const errors: FieldError[] = [];
  if (allocation && old.allocation && !semanticallyEqual(allocation, old.allocation)) {
    errors.push(...checkUnchanged(allocation, old.allocation, statusPath.child("allocation")));
  }
  if (!allocation && reservedFor.length > 0) errors.push(forbiddenValue(at, "may not be specified when `allocated` is not set"));
  if (reservedFor.length > mostConsumers) errors.push(tooMany(at, reservedFor.length, mostConsumers));
  return [...errors, ...checkDistinct(reservedFor, ({ uid }) => uid, (index) => at.index(index).child("uid"))];
}
