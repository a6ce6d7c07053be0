import { type FieldError, forbiddenValue, invalidValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems } from "#machinery/names.ts";
import type { DeviceSelector, OpaqueDeviceConfiguration } from "../../generated/resource-v1.ts";
import { checkPresent, invalid } from "../../field-checks.ts";
import { deviceSelector, mostSelectorCost } from "../device-selector.ts";
import { checkList } from "./lists.ts";

const mostSelectors = 32;
const longestDriver = 63;
const longestExpression = 10 * 1024;
const longestParameters = 10 * 1024;

/** The name of a driver of devices. */
export function validateDriver(name: string, path: FieldPath): FieldError[] {
  if (name === "") return [requiredValue(path)];
  return [...(name.length > longestDriver ? [tooLong(path, longestDriver)] : []), ...invalid(path, name, dns1123SubdomainProblems(name))];
}

export function validateSelectors(selectors: readonly DeviceSelector[], path: FieldPath): FieldError[] {
  return checkList(selectors, mostSelectors, path, ({ cel }, at) => {
    if (!cel) return [requiredValue(at.child("cel"))];
    const where = at.child("cel", "expression");
    if (cel.expression.length > longestExpression) return [tooLong(where, longestExpression)];
    return cel.expression === "" ? checkPresent(cel.expression, where) : validateExpression(cel.expression, where);
  });
}

function validateExpression(expression: string, path: FieldPath): FieldError[] {
  const { problem, mostCost } = deviceSelector(expression);
  if (problem !== undefined) return [invalidValue(path, expression, problem)];
  return mostCost > mostSelectorCost ? [forbiddenValue(path, "too complex, exceeds cost limit")] : [];
}

/** Settings that only the driver understands. */
export function validateOpaque(opaque: OpaqueDeviceConfiguration | undefined, path: FieldPath): FieldError[] {
  const at = path.child("opaque");
  if (!opaque) return [requiredValue(at)];
  const length = JSON.stringify(opaque.parameters).length;
  return [
    ...validateDriver(opaque.driver, at.child("driver")),
    ...(length > longestParameters ? [tooLong(at.child("parameters"), longestParameters)] : []),
  ];
}
