import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems } from "#machinery/names.ts";
import { compareQuantities, quantitySign } from "#machinery/quantity.ts";
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeSpec } from "../../generated/core-v1.ts";
import { checkLabelSelector, checkOptionalName, checkPresent, checkUnchanged } from "../../field-checks.ts";
import { validateNodeSelector } from "./placement.ts";

const specPath = fieldPath("spec");
const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

function validateAccessModes(modes: readonly string[] = [], missing: string, path: FieldPath): FieldError[] {
  if (modes.length === 0) return [requiredValue(path, missing)];
  const errors = modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupportedValue(path, mode, accessModes));
  if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    errors.push(forbiddenValue(path, "may not use ReadWriteOncePod with other access modes"));
  }
  return errors;
}

/** Fields of a volume's spec that are not sources. */
const plainFields = new Set([
  "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity",
  "volumeAttributesClassName",
]);

function sourcesOf(spec: PersistentVolumeSpec): [string, unknown][] {
  return Object.entries(spec).filter(([name, value]) => !plainFields.has(name) && value !== undefined);
}

export function validatePersistentVolume({ spec }: PersistentVolume): FieldError[] {
  const { capacity = {}, nodeAffinity, hostPath, local, persistentVolumeReclaimPolicy: policy } = spec;
  const [first, ...others] = sourcesOf(spec).map(([name]) => name);
  return [
    ...validateAccessModes(spec.accessModes, "", specPath.child("accessModes")),
    ...validateCapacity(capacity, specPath.child("capacity")),
    ...(first === undefined ? [requiredValue(specPath, "must specify a volume type")] : []),
    ...others.map((name) => forbiddenValue(specPath.child(name), "may not specify more than 1 volume type")),
    ...(hostPath ? validateLocalPath(hostPath.path, specPath.child("hostPath", "path")) : []),
    ...(local ? validateLocalPath(local.path, specPath.child("local", "path")) : []),
    ...(local && nodeAffinity?.required === undefined
      ? [requiredValue(fieldPath("metadata", "annotations"), "Local volume requires node affinity")] : []),
    ...(nodeAffinity?.required ? validateNodeSelector(nodeAffinity.required, specPath.child("nodeAffinity", "required")) : []),
    ...(hostPath?.path === "/" && policy === "Recycle"
      ? [forbiddenValue(specPath.child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'")] : []),
    ...checkOptionalName(spec.storageClassName, specPath.child("storageClassName"), dns1123SubdomainProblems),
  ];
}

function validateCapacity(capacity: { readonly [name: string]: string }, path: FieldPath): FieldError[] {
  const { storage } = capacity;
  if (storage === undefined || Object.keys(capacity).length > 1) {
    return storage === undefined && Object.keys(capacity).length === 0 ? [requiredValue(path)] : [notSupportedValue(path, capacity, ["storage"])];
  }
  return quantitySign(storage) > 0 ? [] : [invalidValue(path.key("storage"), storage, "must be greater than zero")];
}

function validateLocalPath(path: string, where: FieldPath): FieldError[] {
  return [...checkPresent(path, where), ...(path.split("/").includes("..") ? [invalidValue(where, path, "must not contain '..'")] : [])];
}

export function validatePersistentVolumeUpdate({ spec }: PersistentVolume, { spec: old }: PersistentVolume): FieldError[] {
  const same = semanticallyEqual(Object.fromEntries(sourcesOf(spec)), Object.fromEntries(sourcesOf(old)));
  return [
    ...(same ? [] : [forbiddenValue(specPath.child("persistentvolumesource"), "spec.persistentvolumesource is immutable after creation")]),
    ...checkUnchanged(spec.volumeMode, old.volumeMode, specPath.child("volumeMode")),
  ];
}

export function validatePersistentVolumeClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(spec, specPath);
}

/** What is wrong with a claim's spec, be it a claim's own or a template's. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath): FieldError[] {
  const storage = spec.resources.requests?.["storage"];
  const storagePath = path.child("resources").key("storage");
  return [
    ...validateAccessModes(spec.accessModes, "at least 1 access mode is required", path.child("accessModes")),
    ...checkLabelSelector(spec.selector, path.child("selector")),
    ...(storage === undefined ? [requiredValue(storagePath)]
      : quantitySign(storage) > 0 ? [] : [invalidValue(storagePath, storage, "must be greater than zero")]),
    ...checkOptionalName(spec.storageClassName, path.child("storageClassName"), dns1123SubdomainProblems),
    ...(spec.dataSource && spec.dataSourceRef && spec.dataSourceRef.namespace === undefined && !sameSource(spec)
      ? [invalidValue(path, "dataSource", "must match dataSourceRef")] : []),
  ];
}

function sameSource({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec): boolean {
  return dataSource?.kind === dataSourceRef?.kind && dataSource?.name === dataSourceRef?.name;
}

const claimDetail = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** A claim gets its volume once; once it is bound it may grow, and change its attributes. */
export function validatePersistentVolumeClaimUpdate(
  { spec, status }: PersistentVolumeClaim, { spec: old, status: before }: PersistentVolumeClaim,
): FieldError[] {
  const bound = before.phase === "Bound";
  const allowed: PersistentVolumeClaimSpec = {
    ...old,
    ...((old.volumeName ?? "") === "" ? { volumeName: spec.volumeName } : {}),
    ...(old.storageClassName === undefined ? { storageClassName: spec.storageClassName } : {}),
    ...(bound ? { resources: { ...old.resources, requests: spec.resources.requests } } : {}),
    volumeAttributesClassName: spec.volumeAttributesClassName,
  };
  if (!semanticallyEqual(allowed, spec)) return [forbiddenValue(specPath, claimDetail)];
  const [request, oldRequest] = [spec.resources.requests?.["storage"], old.resources.requests?.["storage"]];
  if (request === undefined || oldRequest === undefined || compareQuantities(request, oldRequest) >= 0) return [];
  const capacity = status.capacity?.["storage"];
  if (capacity !== undefined && compareQuantities(request, capacity) > 0) return [];
  return [forbiddenValue(specPath.child("resources", "requests", "storage"), "field can not be less than status.capacity")];
}
