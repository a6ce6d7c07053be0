import type { APIService } from "#api/apiregistration/api-service.ts";
import type { Clock } from "#machinery/clock.ts";
import { StatusError } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import type { RequestContext } from "../api-request.ts";
import type { Backend } from "../proxy/backend.ts";
import { forward } from "../proxy/forward.ts";
import { askedWithin } from "./asked-within.ts";
import { isAvailable } from "./availability.ts";
import type { ExtensionServers } from "./extension-servers.ts";
import { remoteHeaders } from "./remote-headers.ts";

/** Passes an authorized request on to the server behind the APIService, which is told who asks but not by which credentials. */
export function passOn(service: APIService, servers: ExtensionServers, context: RequestContext, clock: Clock): Answer {
  const { request, user } = context;
  const query = request.query.toString();
  const backend = isAvailable(service) ? backendOf(service, servers, query === "" ? request.path : `${request.path}?${query}`) : undefined;
  if (!backend) return unavailable;
  const headers = remoteHeaders(user);
  return { ...forward(backend, { headers }), within: askedWithin(backend, headers, request, clock) };
}

/** `undefined` where the service or its endpoints have gone, and the APIService does not say so yet. */
function backendOf(service: APIService, servers: ExtensionServers, path: string): Backend | undefined {
  try {
    return servers.backend(service, path);
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** Clients know it by its code: upstream sends no Status here. */
const unavailable: Answer = {
  is: "bytes", code: 503, body: "service unavailable\n",
  headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
};
