import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, pathSegmentProblems, qualifiedNameProblems } from "#machinery/names.ts";
import { quantitySign } from "#machinery/quantity.ts";
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from "../../generated/autoscaling-v2.ts";
import { checkName, invalid, isEmpty } from "../../field-checks.ts";

/** By type, in the order in which upstream looks at them. */
const fields = { Object: "object", External: "external", Pods: "pods", Resource: "resource", ContainerResource: "containerResource" } as const;
const types = Object.keys(fields).toSorted();
const targetTypes = ["Utilization", "Value", "AverageValue"];

export function validateReference({ kind, name }: CrossVersionObjectReference, path: FieldPath): FieldError[] {
  return [...checkName(kind, path.child("kind"), pathSegmentProblems), ...checkName(name, path.child("name"), pathSegmentProblems)];
}

export function validateMetric(metric: MetricSpec, path: FieldPath): FieldError[] {
  const typePath = path.child("type");
  if (metric.type === "") return [requiredValue(typePath, "must specify a metric source type")];
  if (!isType(metric.type)) return [notSupportedValue(typePath, metric.type, types)];
  const expected = fields[metric.type];
  const present = Object.values(fields).filter((field) => metric[field] !== undefined);
  return [
    ...(present[0] === undefined ? [] : validateSource(metric, present[0], path.child(present[0]))),
    ...(metric[expected] === undefined ? [requiredValue(path.child(expected), "must populate information for the given metric source")] : []),
    ...present.filter((field) => field !== expected).map((field) => forbiddenValue(path.child(field), "must populate the given metric source only")),
  ];
}

function isType(type: string): type is keyof typeof fields {
  return Object.hasOwn(fields, type);
}

function validateSource(metric: MetricSpec, field: (typeof fields)[keyof typeof fields], path: FieldPath): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  switch (field) {
    case "object":
      return object === undefined ? [] : [
        ...validateReference(object.describedObject, path.child("describedObject")),
        ...validateIdentifier(object.metric, path.child("metric")),
        ...validateAmount(object.target, path.child("target"), "must set either a target value or averageValue"),
      ];
    case "external":
      return external === undefined ? [] : [
        ...validateIdentifier(external.metric, path.child("metric")),
        ...validateAmount(external.target, path.child("target"), "must set either a target value for metric or a per-pod target"),
        ...(external.target.value !== undefined && external.target.averageValue !== undefined
          ? [forbiddenValue(path.child("target", "value"), "may not set both a target value for metric and a per-pod target")] : []),
      ];
    case "pods":
      return pods === undefined ? [] : [
        ...validateIdentifier(pods.metric, path.child("metric")),
        ...validateTarget(pods.target, path.child("target")),
        ...(pods.target.averageValue === undefined
          ? [requiredValue(path.child("target", "averageValue"), "must specify a positive target averageValue")] : []),
      ];
    case "resource":
      return resource === undefined ? [] : [...validateResourceName(resource.name, path), ...validateUsage(resource.target, path.child("target"))];
    case "containerResource":
      return containerResource === undefined ? [] : [
        ...validateResourceName(containerResource.name, path),
        ...(isEmpty(containerResource.container)
          ? [requiredValue(path.child("container"), "must specify a container")]
          : invalid(path.child("container"), containerResource.container, dns1123LabelProblems(containerResource.container))),
        ...validateUsage(containerResource.target, path.child("target")),
      ];
  }
}

function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const at = path.child("name");
  return isEmpty(name) ? [requiredValue(at, "must specify a resource name")] : invalid(at, name, qualifiedNameProblems(name));
}

function validateIdentifier({ name }: MetricIdentifier, path: FieldPath): FieldError[] {
  const at = path.child("name");
  return isEmpty(name) ? [requiredValue(at, "must specify a metric name")] : invalid(at, name, pathSegmentProblems(name));
}

function validateAmount(target: MetricTarget, path: FieldPath, missing: string): FieldError[] {
  const hasGoal = target.value !== undefined || target.averageValue !== undefined;
  return [...validateTarget(target, path), ...(hasGoal ? [] : [requiredValue(path.child("averageValue"), missing)])];
}

function validateUsage(target: MetricTarget, path: FieldPath): FieldError[] {
  const { averageUtilization, averageValue } = target;
  return [
    ...validateTarget(target, path),
    ...(averageUtilization === undefined && averageValue === undefined
      ? [requiredValue(path.child("averageUtilization"), "must set either a target raw value or a target utilization")] : []),
    ...(averageUtilization !== undefined && averageValue !== undefined
      ? [forbiddenValue(path.child("averageValue"), "may not set both a target raw value and a target utilization")] : []),
  ];
}

function validateTarget({ type, value, averageValue, averageUtilization }: MetricTarget, path: FieldPath): FieldError[] {
  const checkPositive = (amount: string | undefined, at: FieldPath): FieldError[] =>
    amount === undefined || quantitySign(amount) > 0 ? [] : [invalidValue(at, amount, "must be positive")];
  return [
    ...(type === "" ? [requiredValue(path.child("type"), "must specify a metric target type")] : []),
    ...(targetTypes.includes(type) ? [] : [invalidValue(path.child("type"), type, "must be either Utilization, Value, or AverageValue")]),
    ...checkPositive(value, path.child("value")),
    ...checkPositive(averageValue, path.child("averageValue")),
    ...(averageUtilization !== undefined && averageUtilization < 1
      ? [invalidValue(path.child("averageUtilization"), averageUtilization, "must be greater than 0")] : []),
  ];
}
