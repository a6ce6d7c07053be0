import { type FieldError, invalidValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems, labelValueProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type { Device, DeviceAttribute, DeviceTaint, ResourcePool, ResourceSlice } from "../../generated/resource-v1.ts";
import { checkDistinct, checkName, checkNonNegative, checkOptionalName, checkUnchanged, invalid } from "../../field-checks.ts";
import { validateDriver } from "./devices.ts";
import { checkList } from "./lists.ts";

const specPath = fieldPath("spec");
const mostDevices = 128;
const mostTaints = 16;
const longestPool = 253;

export function validateResourceSlice({ spec }: ResourceSlice): FieldError[] {
  const { driver, pool, nodeName, devices = [] } = spec;
  const at = specPath.child("devices");
  return [
    ...validateDriver(driver, specPath.child("driver")),
    ...validatePool(pool, specPath.child("pool")),
    ...validateNodes(spec, specPath),
    ...checkOptionalName(nodeName, specPath.child("nodeName"), dns1123SubdomainProblems),
    ...checkList(devices, mostDevices, at, validateDevice),
    ...checkDistinct(devices, ({ name }) => name, (index) => at.index(index).child("name")),
  ];
}

function validatePool({ name, generation, resourceSliceCount }: ResourcePool, path: FieldPath): FieldError[] {
  const at = path.child("name");
  const parts = name.split("/").flatMap((part) => invalid(at, part, dns1123SubdomainProblems(part)));
  return [
    ...(name === "" ? [requiredValue(at)] : name.length > longestPool ? [tooLong(at, longestPool)] : parts),
    ...(resourceSliceCount <= 0 ? [invalidValue(path.child("resourceSliceCount"), resourceSliceCount, "must be greater than zero")] : []),
    ...checkNonNegative(generation, path.child("generation")),
  ];
}

const oneOf = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

function validateNodes({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: ResourceSlice["spec"], path: FieldPath): FieldError[] {
  const given = Object.entries({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection })
    .filter(([, value]) => value !== undefined && value !== false && value !== "")
    .map(([field]) => `\`${field}\``);
  if (given.length === 0) return [requiredValue(path, oneOf)];
  return given.length === 1 ? [] : [invalidValue(path, `{${given.join(", ")}}`, `${oneOf}, but multiple fields are set`)];
}

function validateDevice({ name, attributes = {}, capacity = {}, taints = [] }: Device, path: FieldPath): FieldError[] {
  return [
    ...checkName(name, path.child("name"), dns1123LabelProblems),
    ...Object.entries(attributes).flatMap(([key, attribute]) => validateAttribute(key, attribute, path.child("attributes").key(key))),
    ...Object.keys(capacity).flatMap((key) => invalid(path.child("capacity").key(key), key, qualifiedNameProblems(key))),
    ...checkList(taints, mostTaints, path.child("taints"), validateTaint),
  ];
}

function validateAttribute(key: string, attribute: DeviceAttribute, path: FieldPath): FieldError[] {
  const values = Object.values(attribute).filter((value) => value !== undefined);
  const errors = invalid(path, key, qualifiedNameProblems(key));
  if (values.length === 0) return [...errors, requiredValue(path, "exactly one value must be specified")];
  return values.length === 1 ? errors : [...errors, invalidValue(path, attribute, "exactly one value must be specified")];
}

function validateTaint({ key, value = "" }: DeviceTaint, path: FieldPath): FieldError[] {
  return [
    ...checkName(key, path.child("key"), qualifiedNameProblems),
    ...invalid(path.child("value"), value, labelValueProblems(value)),
  ];
}

export function validateResourceSliceUpdate({ spec }: ResourceSlice, { spec: old }: ResourceSlice): FieldError[] {
  return [
    ...checkUnchanged(spec.driver, old.driver, specPath.child("driver")),
    ...checkUnchanged(spec.nodeName, old.nodeName, specPath.child("nodeName")),
    ...checkUnchanged(spec.pool.name, old.pool.name, specPath.child("pool", "name")),
  ];
}
