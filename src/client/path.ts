import type { ApiCall, ApiQuery } from "./transport.ts";

/** The path and query of a call, as the API serves it (API reference: API concepts, resource URIs). */
export function pathOf(call: ApiCall): string {
  const { group, version, plural, namespaced } = call.resource;
  const parts = group === "" ? ["api", version] : ["apis", group, version];
  if (namespaced && call.namespace !== undefined && call.namespace !== "") parts.push("namespaces", call.namespace);
  parts.push(plural);
  if (call.name !== undefined) parts.push(call.name);
  if (call.subresource !== undefined) parts.push(...call.subresource.split("/"));
  return `/${parts.map(encodeURIComponent).join("/")}${queryOf({ ...call.query, ...(call.verb === "watch" ? { watch: true } : {}) })}`;
}

function queryOf(query: ApiQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
