import type { X509Certificate } from "node:crypto";
import type { Credentials } from "../authentication/authenticator.ts";
import type { RequestInfo, ResourceRequest, User } from "../request.ts";

/** Somebody, for tests. */
export function someUser(name: string, ...groups: readonly string[]): User {
  return { name, groups, extra: {} };
}

/** `ask("list pods/log web/api")`: verb, resource (with `.group` after the plural), namespace/name; or `ask("get /healthz")`. */
export function ask(question: string, more: Partial<ResourceRequest> = {}): RequestInfo {
  const [verb = "", what = "", where = ""] = question.split(" ");
  if (what.startsWith("/")) return { path: what, verb };
  const [address = "", subresource] = what.split("/");
  const [resource = "", ...group] = address.split(".");
  const [namespace = "", name = ""] = where.split("/");
  const asked = { group: group.join("."), version: "v1", resource, namespace, name, ...(subresource ? { subresource } : {}), ...more };
  return { path: "", verb, resource: asked };
}

export interface SomeCredentials {
  readonly token?: string;
  readonly certificate?: X509Certificate;
  readonly headers?: readonly (readonly [string, string])[];
}

export function credentials({ token, certificate, headers = [] }: SomeCredentials): Credentials {
  return {
    ...(token === undefined ? {} : { token }),
    ...(certificate ? { certificate } : {}),
    header: (name) => headers.find(([header]) => header === name)?.[1],
    headers: () => headers,
  };
}
