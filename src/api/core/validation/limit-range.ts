import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import { approximateValue, compareQuantities } from "#machinery/quantity.ts";
import type { LimitRange, LimitRangeItem } from "../../generated/core-v1.ts";
import { invalid } from "../../field-checks.ts";
import { isExtendedResource, isHugePages, validateContainerResourceName } from "./resources.ts";

const standardTypes = new Set(["Pod", "Container", "PersistentVolumeClaim"]);
const amounts = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

export function validateLimitRange({ spec: { limits } }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return limits.flatMap((item, index) => {
    const path = fieldPath("spec", "limits").index(index);
    const duplicates = seen.has(item.type) ? [duplicateValue(path.child("type"), item.type)] : [];
    seen.add(item.type);
    return [...validateType(item.type, path.child("type")), ...duplicates, ...validateItem(item, path)];
  });
}

function validateType(type: string, path: FieldPath): FieldError[] {
  const problems = qualifiedNameProblems(type);
  if (problems.length > 0 || type.includes("/") || standardTypes.has(type)) return invalid(path, type, problems);
  return [invalidValue(path, type, "must be a standard limit type or fully qualified")];
}

function validateItem(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const errors = amounts.flatMap((field) => validateNames(item, field, path));
  if (item.type === "PersistentVolumeClaim" && item.min?.["storage"] === undefined && item.max?.["storage"] === undefined) {
    errors.push(requiredValue(path.child("limits"), "either minimum or maximum storage value is required, but neither was provided"));
  }
  const resources = new Set(amounts.flatMap((field) => Object.keys(item[field] ?? {})));
  return [...errors, ...[...resources].flatMap((resource) => validateAmounts(item, resource, path))];
}

function validateNames(item: LimitRangeItem, field: (typeof amounts)[number], path: FieldPath): FieldError[] {
  const names = Object.keys(item[field] ?? {});
  if (item.type === "Pod" && (field === "default" || field === "defaultRequest")) {
    return names.length > 0 ? [forbiddenValue(path.child(field), "may not be specified when `type` is 'Pod'")] : [];
  }
  const ofContainers = item.type === "Pod" || item.type === "Container";
  return names.flatMap((name) => {
    const at = path.child(field).key(name);
    return ofContainers ? validateContainerResourceName(name, at) : invalid(at, name, qualifiedNameProblems(name));
  });
}

/** Each pair of amounts of one resource has its order: what must not be more than what. */
function validateAmounts(item: LimitRangeItem, resource: string, path: FieldPath): FieldError[] {
  const [min, max, limit, request] = [item.min, item.max, item.default, item.defaultRequest].map((list) => list?.[resource]);
  const more = (one: string | undefined, other: string | undefined): boolean =>
    one !== undefined && other !== undefined && compareQuantities(one, other) > 0;
  const wrong = (field: (typeof amounts)[number], value: string | undefined, why: string): FieldError =>
    invalidValue(path.child(field).key(resource), value, why);
  return [
    ...(more(min, max) ? [wrong("min", min, `min value ${min} is greater than max value ${max}`)] : []),
    ...(more(min, request) ? [wrong("defaultRequest", request, `min value ${min} is greater than default request value ${request}`)] : []),
    ...(more(request, max) ? [wrong("defaultRequest", request, `default request value ${request} is greater than max value ${max}`)] : []),
    ...(more(request, limit)
      ? [wrong("defaultRequest", request, `default request value ${request} is greater than default limit value ${limit}`)] : []),
    ...(more(min, limit) ? [wrong("default", min, `min value ${min} is greater than default value ${limit}`)] : []),
    ...(more(limit, max) ? [wrong("default", max, `default value ${limit} is greater than max value ${max}`)] : []),
    ...validateRatio(item, resource, path.child("maxLimitRequestRatio").key(resource)),
    ...(isNeverShared(resource) && request !== undefined && limit !== undefined && compareQuantities(request, limit) !== 0
      ? [wrong("defaultRequest", request, `default value ${limit} must equal to defaultRequest value ${request} in ${resource}`)] : []),
  ];
}

/** Resources of which a container gets just what it asks for. */
function isNeverShared(resource: string): boolean {
  return isExtendedResource(resource) || isHugePages(resource);
}

function validateRatio(item: LimitRangeItem, resource: string, path: FieldPath): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[resource];
  if (ratio === undefined) return [];
  const [min, max] = [item.min?.[resource], item.max?.[resource]];
  const errors = compareQuantities(ratio, "1") < 0 ? [invalidValue(path, ratio, `ratio ${ratio} is less than 1`)] : [];
  if (min === undefined || max === undefined || approximateValue(min) === 0) return errors;
  const largest = approximateValue(max) / approximateValue(min);
  if (approximateValue(ratio) > largest) errors.push(invalidValue(path, ratio, `ratio ${ratio} is greater than max/min = ${largest.toFixed(6)}`));
  return errors;
}
