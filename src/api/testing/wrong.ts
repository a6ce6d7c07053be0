import type { Kind, KubeObject } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { validateObject, validateObjectUpdate } from "../validate-object.ts";

export type Fields = { readonly [name: string]: unknown };

/** An object as it is after decoding: named `a`, in the namespace `default` where it has one. */
export function decoded<T extends KubeObject>(kind: Kind<T>, fields: Fields): T {
  const metadata = { name: "a", ...(kind.namespaced ? { namespace: "default" } : {}), ...(fields["metadata"] as object | undefined) };
  return decodeObject(kind, { ...fields, metadata }, "Strict").object as T;
}

/** What is wrong with a new object, each as `path: message`. */
export function wrong<T extends KubeObject>(kind: Kind<T>, fields: Fields): string[] {
  return validateObject(kind, decoded(kind, fields)).map(({ field, message }) => `${field}: ${message}`);
}

/** What is wrong with an update. */
export function wrongUpdate<T extends KubeObject>(kind: Kind<T>, old: Fields, fields: Fields): string[] {
  return validateObjectUpdate(kind, decoded(kind, fields), decoded(kind, old)).map(({ field, message }) => `${field}: ${message}`);
}
