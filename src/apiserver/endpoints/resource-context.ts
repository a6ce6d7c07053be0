import type { Kind } from "#machinery/kind.ts";
import { badRequest, methodNotAllowed } from "#machinery/status-error.ts";
import type { RequestContext } from "../api-request.ts";
import type { ServedKind } from "../kind-registry.ts";
import type { ResourceRequest } from "../request.ts";
import type { ServerParts } from "../server-parts.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import { booleanOf } from "./request-options.ts";

/** An authorized request for a kind that is served. */
export interface ResourceContext extends RequestContext {
  readonly parts: ServerParts;
  readonly served: ServedKind;
  readonly resource: ResourceRequest;
}

/** @throws StatusError (405) for kinds that are answered, not stored */
export function storageOf({ served, resource }: ResourceContext, action: string): ObjectStorage {
  if (!served.storage) throw methodNotAllowed({ group: resource.group, resource: resource.resource }, action);
  return served.storage;
}

/** Where the object of this request stands: `namespace` is "" for cluster-scoped kinds, whatever the path says (as for namespaces). */
export function namespaceOf({ served, resource }: ResourceContext): string {
  return served.kind.namespaced ? resource.namespace : "";
}

/** @throws StatusError (400) where a namespaced kind is asked for without a namespace */
export function requireNamespace(kind: Kind, namespace: string): void {
  if (kind.namespaced && namespace === "") throw badRequest("an empty namespace may not be set when a resource name is provided");
}

/** Whether nothing is to be stored. */
export function isDryRun({ request }: RequestContext): boolean {
  return request.query.has("dryRun");
}

/** The options of a write as admission sees them. */
export function writeOptionsOf({ request: { query } }: RequestContext): { readonly [name: string]: unknown } {
  const options: { [name: string]: unknown } = {};
  for (const name of ["fieldManager", "fieldValidation"]) if (query.get(name)) options[name] = query.get(name);
  if (query.has("force")) options["force"] = booleanOf(query, "force");
  if (query.has("dryRun")) options["dryRun"] = query.getAll("dryRun");
  return options;
}
