import { type FieldError, forbiddenValue, invalidValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { configMapKeyProblems } from "#machinery/names.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { ConfigMap, Secret } from "../../generated/core-v1.ts";
import { invalid } from "../../field-checks.ts";
import { utf8Bytes } from "../../object-meta.ts";

/** All values of one config map or secret together. */
const maximumBytes = 1024 * 1024;
const dataPath = fieldPath("data");
const frozen = "field is immutable when `immutable` is set";

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors = [...validateKeys(data, dataPath), ...validateKeys(binaryData, fieldPath("binaryData"))];
  for (const key of Object.keys(data)) {
    if (Object.hasOwn(binaryData, key)) errors.push(invalidValue(dataPath.key(key), key, "duplicate of key present in binaryData"));
  }
  const bytes = sum(Object.values(data).map(utf8Bytes)) + sum(Object.values(binaryData).map(decodedBytes));
  return bytes > maximumBytes ? [...errors, tooLong("", maximumBytes)] : errors;
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  return old.immutable === true ? validateFrozen(configMap, old, ["data", "binaryData"]) : [];
}

export function validateSecret(secret: Secret): FieldError[] {
  const { data = {} } = secret;
  const errors = validateKeys(data, dataPath);
  if (sum(Object.values(data).map(decodedBytes)) > maximumBytes) errors.push(tooLong(dataPath, maximumBytes));
  const ofType = Object.hasOwn(byType, secret.type) ? byType[secret.type] : undefined;
  return [...errors, ...(ofType?.(secret, data) ?? [])];
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  return old.immutable === true ? validateFrozen(secret, old, ["data"]) : [];
}

type Data = { readonly [key: string]: string };

function validateKeys(data: Data, path: FieldPath): FieldError[] {
  return Object.keys(data).flatMap((key) => invalid(path.key(key), key, configMapKeyProblems(key)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function decodedBytes(base64: string): number {
  return Math.floor((base64.length * 3) / 4) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
}

interface Freezable {
  readonly immutable?: boolean;
  readonly data?: Data;
  readonly binaryData?: Data;
}

function validateFrozen(object: Freezable, old: Freezable, fields: readonly ("data" | "binaryData")[]): FieldError[] {
  return [
    ...(object.immutable === true ? [] : [forbiddenValue("immutable", frozen)]),
    ...fields.filter((field) => !semanticallyEqual(object[field], old[field])).map((field) => forbiddenValue(field, frozen)),
  ];
}

/** What secrets of the well-known types have to hold (Kubernetes "Types of Secret"). */
const byType: { readonly [type: string]: (secret: Secret, data: Data) => FieldError[] } = {
  "kubernetes.io/service-account-token": ({ metadata: { annotations = {} } }) => {
    const key = "kubernetes.io/service-account.name";
    return annotations[key] ? [] : [requiredValue(fieldPath("metadata", "annotations").key(key))];
  },
  "kubernetes.io/dockercfg": (_, data) => validateJsonKey(data, ".dockercfg"),
  "kubernetes.io/dockerconfigjson": (_, data) => validateJsonKey(data, ".dockerconfigjson"),
  "kubernetes.io/basic-auth": (_, data) => {
    return "username" in data || "password" in data ? [] : [requiredValue(dataPath.key("username")), requiredValue(dataPath.key("password"))];
  },
  "kubernetes.io/ssh-auth": (_, data) => (data["ssh-privatekey"] ? [] : [requiredValue(dataPath.key("ssh-privatekey"))]),
  "kubernetes.io/tls": (_, data) => ["tls.crt", "tls.key"].filter((key) => !(key in data)).map((key) => requiredValue(dataPath.key(key))),
};

function validateJsonKey(data: Data, key: string): FieldError[] {
  const content = data[key];
  if (content === undefined) return [requiredValue(dataPath.key(key))];
  try {
    JSON.parse(atob(content));
    return [];
  } catch (error) {
    return [invalidValue(dataPath.key(key), "<secret contents redacted>", error instanceof Error ? error.message : String(error))];
  }
}
