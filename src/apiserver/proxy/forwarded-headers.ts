import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { webSocketTokenPrefix } from "../http/http-request.ts";

/** Of one connection only (RFC 9110 §7.6.1), or of HTTP/2's own. */
const perConnection: ReadonlySet<string> = new Set([
  "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
]);

/** What the client said to the API server alone. */
const toTheServer = /^(authorization|impersonate-.*|x-remote-.*|host|:.*)$/;

/** The client's headers as a backend may see them: without its credentials. */
export function requestHeaders(headers: IncomingHttpHeaders, extra: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const [header, value] of Object.entries(headers)) if (!perConnection.has(header) && !toTheServer.test(header)) kept[header] = value;
  const protocols = withoutToken(headers["sec-websocket-protocol"]);
  return { ...kept, ...(kept["sec-websocket-protocol"] === undefined ? {} : { "sec-websocket-protocol": protocols }), ...extra };
}

/** Browsers' tokens come as one of the subprotocols. */
function withoutToken(protocols = ""): string {
  return protocols.split(",").map((each) => each.trim()).filter((each) => !each.startsWith(webSocketTokenPrefix)).join(", ");
}

/** The backend's headers as the client may see them. */
export function responseHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([header]) => !perConnection.has(header)));
}
