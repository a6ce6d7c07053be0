import { badRequest } from "#machinery/status-error.ts";
import type { RequestInfo, ResourceRequest } from "./request.ts";

/**
 * What a request asks for, from method, path and query alone (API reference: API concepts, resource URIs):
 *
 *     /api/VERSION/…  /apis/GROUP/VERSION/…   then   [namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE[/REST]]]
 *
 * @param path percent-encoded, without the query
 * @throws StatusError (400) where the path is not well encoded
 */
export function requestInfoOf(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = path.split("/").filter((segment) => segment !== "");
  const start = segments[0] === "api" ? 2 : segments[0] === "apis" ? 3 : 0;
  if (start === 0 || segments.length <= start) return { path, verb: method.toLowerCase() };
  const [group = "", version = ""] = start === 2 ? ["", segments[1]] : [segments[1], segments[2]];
  // The old way to ask for a watch: /api/v1/watch/pods.
  const inOldWay = segments[start] === "watch" && segments.length > start + 1;
  const first = inOldWay ? start + 1 : start;
  const place = placeOf(segments.slice(first).map(decoded), path, first);
  const fieldSelector = query.get("fieldSelector") ?? "";
  const labelSelector = query.get("labelSelector") ?? "";
  const verb = inOldWay ? "watch" : verbOf(method, place.name !== "", query);
  const resource: ResourceRequest = {
    group: decoded(group), version: decoded(version), ...place,
    name: place.name === "" && (verb === "list" || verb === "watch" || verb === "deletecollection") ? nameIn(fieldSelector) : place.name,
    ...(labelSelector === "" ? {} : { labelSelector }),
    ...(fieldSelector === "" ? {} : { fieldSelector }),
  };
  return { path, verb, resource };
}

type Place = Pick<ResourceRequest, "resource" | "subresource" | "namespace" | "name" | "rest">;

/** Names within `namespaces/NAME/…` that are of the namespace itself. */
const namespaceSubresources: readonly string[] = ["status", "finalize"];

function placeOf(parts: readonly string[], path: string, start: number): Place {
  const [first = "", second = "", third] = parts;
  const inNamespace = first === "namespaces" && third !== undefined && !(namespaceSubresources.includes(third) && parts.length === 3);
  if (first === "namespaces" && !inNamespace) {
    return { resource: first, namespace: second, name: second, ...(third === undefined ? {} : { subresource: third }) };
  }
  const [resource = "", name = "", subresource] = inNamespace ? parts.slice(2) : parts;
  const used = (inNamespace ? 2 : 0) + 3;
  return {
    resource, name, namespace: inNamespace ? second : "",
    ...(subresource === undefined ? {} : { subresource }),
    ...(parts.length > used || (subresource === "proxy" && path.endsWith("/")) ? { rest: restOf(path, start + used) } : {}),
  };
}

/** What follows so many segments, as sent. */
function restOf(path: string, segments: number): string {
  let at = 0;
  for (let count = 0; count < segments && at >= 0; count++) at = path.indexOf("/", at + 1);
  return at < 0 ? "" : path.slice(at + 1);
}

function verbOf(method: string, named: boolean, query: URLSearchParams): string {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return named ? "delete" : "deletecollection";
    case "GET":
    case "HEAD": {
      const watch = query.get("watch");
      if (watch !== null && watch !== "false" && watch !== "0") return "watch";
      return named ? "get" : "list";
    }
    default:
      return method.toLowerCase();
  }
}

/** A collection narrowed down to one name is authorized as that name. */
function nameIn(fieldSelector: string): string {
  return /(?:^|,)metadata\.name==?([^,\\=!]+)(?:,|$)/.exec(fieldSelector)?.[1] ?? "";
}

function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not well encoded`);
  }
}
