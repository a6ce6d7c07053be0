import { forbidden, type StatusError } from "#machinery/status-error.ts";
import { quote } from "#machinery/quote.ts";
import type { RequestInfo, User } from "../request.ts";

/**
 * Why somebody may not do something, in the words that clients show:
 * `User "ann" cannot list resource "pods" in API group "" in the namespace "web"`.
 */
export function denialOf(user: User, request: RequestInfo, reason: string): string {
  return reason === "" ? wording(user, request) : `${wording(user, request)}: ${reason}`;
}

/** The answer (403) to a request that is not allowed. */
export function forbiddenRequest(user: User, request: RequestInfo, reason: string): StatusError {
  const { group = "", resource = "", name = "" } = request.resource ?? {};
  return forbidden({ group, resource }, name, denialOf(user, request, reason));
}

function wording(user: User, { path, verb, resource: asked }: RequestInfo): string {
  if (!asked) return `User ${quote(user.name)} cannot ${verb} path ${quote(path)}`;
  const resource = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource;
  const place = asked.namespace === "" ? "at the cluster scope" : `in the namespace ${quote(asked.namespace)}`;
  return `User ${quote(user.name)} cannot ${verb} resource ${quote(resource)} in API group ${quote(asked.group)} ${place}`;
}
