import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import { compareQuantities, milliValue } from "#machinery/quantity.ts";
import type { ResourceRequirements } from "../../generated/core-v1.ts";
import { invalid, nonNegativeDetail } from "../../field-checks.ts";

type Resources = { readonly [name: string]: string };

const standard = new Set(["cpu", "memory", "ephemeral-storage"]);

/** Resources beyond a node's own, such as `example.com/gpu`, come in whole numbers. */
export function isExtendedResource(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/") && !name.startsWith("requests.");
}

export function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
}

/** What a container, or a pod as a whole, asks for and may take. */
export function validateResources({ limits = {}, requests = {} }: ResourceRequirements, path: FieldPath): FieldError[] {
  const limitsPath = path.child("limits");
  const requestsPath = path.child("requests");
  return [
    ...validateAmounts(limits, limitsPath),
    ...validateAmounts(requests, requestsPath),
    ...Object.entries(requests).flatMap(([name, request]) => validateAgainstLimit(name, request, limits[name], requestsPath, limitsPath)),
  ];
}

function validateAmounts(amounts: Resources, path: FieldPath): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...validateContainerResourceName(name, path.key(name)),
    ...validateAmount(name, amount, path.key(name)),
  ]);
}

export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return invalid(path, name, problems);
  if (name.includes("/") || standard.has(name) || isHugePages(name)) return [];
  return invalid(path, name, ["must be a standard resource type or fully qualified", "must be a standard resource for containers"]);
}

/** No less than nothing, and whole where halves make no sense. */
export function validateAmount(name: string, amount: string, path: FieldPath): FieldError[] {
  const thousandths = milliValue(amount);
  if (thousandths < 0) return [invalidValue(path, amount, nonNegativeDetail)];
  return thousandths % 1000 === 0 || !(isExtendedResource(name) || name === "pods") ? [] : [invalidValue(path, amount, "must be an integer")];
}

function validateAgainstLimit(
  name: string, request: string, limit: string | undefined, requestsPath: FieldPath, limitsPath: FieldPath,
): FieldError[] {
  const mustEqual = isExtendedResource(name) || isHugePages(name);
  if (limit === undefined) return mustEqual ? [requiredValue(limitsPath, "Limit must be set for non overcommitable resources")] : [];
  if (request === limit) return [];
  const order = compareQuantities(request, limit);
  if (mustEqual && order !== 0) return [invalidValue(requestsPath, request, `must be equal to ${name} limit of ${limit}`)];
  return order > 0 ? [invalidValue(requestsPath, request, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}
