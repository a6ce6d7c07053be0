import { badRequest, notFound } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import type { CachedObject } from "../watch-cache/cached-object.ts";
import { namespaceOf, requireNamespace, type ResourceContext, storageOf } from "./resource-context.ts";

/** GET of one object: the newest version, or (resourceVersion) one not older than asked for. */
export async function get(context: ResourceContext): Promise<Answer> {
  const storage = storageOf(context, "get");
  const asked = context.request.query.get("resourceVersion") ?? "";
  if (asked === "") await storage.current();
  else await storage.reached(parseResourceVersion(asked));
  return { is: "object", code: 200, kind: context.served.kind, object: currentObject(context) };
}

/** @throws StatusError (404) */
export function currentObject(context: ResourceContext): CachedObject {
  const { kind } = context.served;
  const namespace = namespaceOf(context);
  requireNamespace(kind, namespace);
  const found = storageOf(context, "get").get(namespace, context.resource.name);
  if (!found) throw notFound(kind.resource, context.resource.name);
  return found;
}

/** @throws StatusError (400) */
export function parseResourceVersion(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const shown = JSON.stringify(text);
  const why = /^\d+$/.test(text) ? "value out of range" : "invalid syntax";
  throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${why}`);
}
