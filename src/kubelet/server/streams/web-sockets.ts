import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";

import type { UpgradeExchange } from "../exchange.ts";

/** Streams of a process, with a message for the end of its input. */
export const processProtocol = "v5.channel.k8s.io";
/** A SPDY connection within a WebSocket. */
export const tunnelProtocol = "SPDY/3.1+portforward.k8s.io";

const longestMessage = 32 * 1024 * 1024;
const options = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: longestMessage } as const;

const processes = new WebSocketServer({ ...options, handleProtocols: (offered) => (offered.has(processProtocol) ? processProtocol : false) });
const tunnels = new WebSocketServer(options);
// The name has a slash, which is no character for a token: ws would not let it pass.
tunnels.on("headers", (headers) => void headers.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`));

/** Whether the client would speak that protocol over a WebSocket. */
export function offers({ request }: UpgradeExchange, protocol: string): boolean {
  if (request.headers.upgrade?.toLowerCase() !== "websocket") return false;
  return (request.headers["sec-websocket-protocol"] ?? "").split(",").some((offered) => offered.trim() === protocol);
}

/** @param accepted called at once when the client is there, before anything it says can be missed */
export function acceptProcess({ request, socket, head }: UpgradeExchange, accepted: (client: WebSocket) => void): void {
  processes.handleUpgrade(request, socket, head, accepted);
}

/** @param accepted gets the connection within the WebSocket */
export function acceptTunnel({ request, socket, head }: UpgradeExchange, accepted: (client: Duplex) => void): void {
  delete request.headers["sec-websocket-protocol"];
  tunnels.handleUpgrade(request, socket, head, (client) => accepted(createWebSocketStream(client)));
}
