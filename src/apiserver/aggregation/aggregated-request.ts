import type { APIService } from "#api/apiregistration/api-service.ts";
import type { Answer } from "../answer.ts";
import type { RequestContext } from "../api-request.ts";
import { forward } from "../proxy/forward.ts";
import { isAvailable } from "./availability.ts";
import type { ExtensionServers } from "./extension-servers.ts";
import { remoteHeaders } from "./remote-headers.ts";

/** Passes an authorized request on to the server behind the APIService, which is told who asks but not by which credentials. */
export function passOn(service: APIService, servers: ExtensionServers, { request, user }: RequestContext): Answer {
  if (!isAvailable(service)) return unavailable;
  const query = request.query.toString();
  return forward(servers.backend(service, query === "" ? request.path : `${request.path}?${query}`), { headers: remoteHeaders(user) });
}

/** Clients know it by its code: upstream sends no Status here. */
const unavailable: Answer = {
  is: "bytes", code: 503, body: "service unavailable\n",
  headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
};
