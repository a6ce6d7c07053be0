import { type FieldError, invalidValue, notSupportedValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { configMapKeyProblems, dns1123SubdomainProblems, environmentVariableProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from "../../generated/core-v1.ts";
import { checkName, checkPresent, invalid, isEmpty } from "../../field-checks.ts";

export function validateEnvironment(variables: readonly EnvVar[] = [], path: FieldPath): FieldError[] {
  return variables.flatMap((variable, index) => {
    const at = path.index(index);
    const source = variable.valueFrom === undefined ? [] : validateSource(variable.valueFrom, isEmpty(variable.value), at.child("valueFrom"));
    return [...checkName(variable.name, at.child("name"), environmentVariableProblems), ...source];
  });
}

function validateSource(source: EnvVarSource, hasNoValue: boolean, path: FieldPath): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((reference) => reference !== undefined).length;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldReference(fieldRef, environmentFields, path.child("fieldRef")));
  if (resourceFieldRef) errors.push(...validateResourceReference(resourceFieldRef, path.child("resourceFieldRef"), false));
  if (configMapKeyRef) errors.push(...validateKeyReference(configMapKeyRef, path.child("configMapKeyRef")));
  if (secretKeyRef) errors.push(...validateKeyReference(secretKeyRef, path.child("secretKeyRef")));
  if (given === 0) {
    errors.push(invalidValue(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"));
  } else if (!hasNoValue) {
    errors.push(invalidValue(path, "", "may not be specified when `value` is not empty"));
  } else if (given > 1) {
    errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
  }
  return errors;
}

function validateKeyReference({ name, key }: { readonly name?: string; readonly key: string }, path: FieldPath): FieldError[] {
  return [...checkName(name, path.child("name"), dns1123SubdomainProblems), ...checkName(key, path.child("key"), configMapKeyProblems)];
}

const environmentFields = [
  "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
  "status.podIP", "status.podIPs",
];

/** Fields of the pod that files of a downward API volume may hold. */
export const volumeFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/** A field of the pod itself, one label of it, or one annotation. */
export function validateFieldReference({ apiVersion, fieldPath }: ObjectFieldSelector, fields: readonly string[], path: FieldPath): FieldError[] {
  if (isEmpty(apiVersion)) return checkPresent(apiVersion, path.child("apiVersion"));
  if (isEmpty(fieldPath)) return checkPresent(fieldPath, path.child("fieldPath"));
  if (apiVersion !== "v1") {
    return [invalidValue(path.child("fieldPath"), fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`)];
  }
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath);
  if (subscript !== null) return invalid(path, subscript[2], qualifiedNameProblems((subscript[2] ?? "").toLowerCase()));
  return fields.includes(fieldPath) ? [] : [notSupportedValue(path.child("fieldPath"), fieldPath, fields.toSorted())];
}

const resourceFields = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
const cpuDivisors = ["1m", "1"];
const byteDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/** A limit or request of a container; volumes have to say which container. */
export function validateResourceReference(
  { containerName, resource, divisor }: ResourceFieldSelector, path: FieldPath, isVolume: boolean,
): FieldError[] {
  if (isVolume && isEmpty(containerName)) return checkPresent(containerName, path.child("containerName"));
  if (isEmpty(resource)) return checkPresent(resource, path.child("resource"));
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource);
  if (!resourceFields.includes(resource) && !isHugePages) return [notSupportedValue(path.child("resource"), resource, resourceFields)];
  const allowed = resource.endsWith(".cpu") ? cpuDivisors : byteDivisors;
  if (divisor === undefined || divisor === "0" || allowed.includes(divisor)) return [];
  const names = resource.endsWith(".cpu") ? "1m and 1" : "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
  const noun = resource.endsWith(".cpu") ? "cpu" : resource.endsWith(".memory") ? "memory" : "ephemeral storage";
  const detail = `only divisor's values ${names} are supported with the ${noun} resource`;
  return [invalidValue(path.child("divisor"), resource.slice(resource.indexOf(".") + 1), detail)];
}

export function validateEnvironmentSources(sources: readonly EnvFromSource[] = [], path: FieldPath): FieldError[] {
  return sources.flatMap(({ prefix = "", configMapRef, secretRef }, index) => {
    const at = path.index(index);
    const errors = prefix === "" ? [] : invalid(at.child("prefix"), prefix, environmentVariableProblems(prefix));
    if (configMapRef) errors.push(...checkPresent(configMapRef.name, at.child("configMapRef", "name")));
    if (secretRef) errors.push(...checkPresent(secretRef.name, at.child("secretRef", "name")));
    if (!configMapRef && !secretRef) errors.push(invalidValue(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    if (configMapRef && secretRef) errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
    return errors;
  });
}
