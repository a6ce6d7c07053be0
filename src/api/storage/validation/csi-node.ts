import { semanticallyEqual } from "#machinery/equality.ts";
import { duplicateValue, type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import type { CSINode, CSINodeDriver } from "../../generated/storage-v1.ts";
import { checkDistinct, invalid, nonNegativeDetail } from "../../field-checks.ts";
import { immutableDetail } from "../../object-meta.ts";
import { validateDriverName } from "./csi-driver.ts";

const driversPath = fieldPath("spec", "drivers");
const longestNodeId = 256;

export function validateCsiNode({ spec: { drivers } }: CSINode): FieldError[] {
  return [
    ...drivers.flatMap((driver, index) => validateDriver(driver, driversPath.index(index))),
    ...checkDistinct(drivers, ({ name }) => name, (index) => driversPath.index(index).child("name")),
  ];
}

function validateDriver({ name, nodeID, allocatable, topologyKeys = [] }: CSINodeDriver, path: FieldPath): FieldError[] {
  const count = allocatable?.count;
  return [
    ...validateDriverName(name, path.child("name")),
    ...validateNodeId(nodeID, path.child("nodeID")),
    ...(count !== undefined && count < 0 ? [invalidValue(path.child("allocatable", "count"), count, nonNegativeDetail)] : []),
    ...validateTopologyKeys(topologyKeys, path.child("topologyKeys")),
  ];
}

function validateNodeId(nodeId: string, path: FieldPath): FieldError[] {
  if (nodeId === "") return [requiredValue(path)];
  return nodeId.length > longestNodeId ? [invalidValue(path, nodeId, `must be ${longestNodeId} characters or less`)] : [];
}

function validateTopologyKeys(keys: readonly string[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    if (key === "") return [requiredValue(path)];
    if (seen.has(key)) return [duplicateValue(path, key)];
    seen.add(key);
    return invalid(path, key, qualifiedNameProblems(key));
  });
}

/** A driver that stays may only get another number of volumes. */
export function validateCsiNodeUpdate({ spec: { drivers } }: CSINode, { spec: { drivers: old } }: CSINode): FieldError[] {
  return drivers.flatMap((driver, index) => {
    const before = old.find(({ name }) => name === driver.name);
    const isSame = before === undefined || semanticallyEqual(driver, { ...before, allocatable: driver.allocatable });
    return isSame ? [] : [invalidValue(driversPath.index(index), driver, immutableDetail)];
  });
}
