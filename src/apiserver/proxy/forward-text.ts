import type { IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { badRequest } from "#machinery/status-error.ts";
import type { ExchangeAnswer } from "../answer.ts";
import { type Backend, requestTo } from "./backend.ts";
import { answerOf, forward, type ForwardOptions, type UpgradeExchange } from "./forward.ts";

const binary = "binary.k8s.io";
const base64 = "base64.binary.k8s.io";

const webSockets = new WebSocketServer({
  noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: 64 * 1024,
  handleProtocols: (offered) => [binary, base64].find((protocol) => offered.has(protocol)) ?? false,
});

/** Passes on what a backend streams, as it is; or in messages, to a client that comes by WebSocket: bytes, or base64 where it asks for that. */
export function forwardText(backend: Backend, options: Pick<ForwardOptions, "check">): ExchangeAnswer {
  return {
    is: "exchange",
    run: (exchange) => (exchange.is === "upgrade" ? sendMessages(exchange, backend, options) : forward(backend, options).run(exchange)),
  };
}

async function sendMessages({ request, socket, head }: UpgradeExchange, backend: Backend, options: Pick<ForwardOptions, "check">): Promise<void> {
  if (request.headers.upgrade?.toLowerCase() !== "websocket") throw badRequest("only a WebSocket can be upgraded to here");
  const toBackend = requestTo(backend, "GET", {});
  socket.once("close", () => toBackend.destroy());
  toBackend.end();
  const answer = await answerOf(toBackend);
  await options.check?.(answer);
  webSockets.handleUpgrade(request, socket, head, (client) => {
    client.on("error", () => client.terminate());
    void copy(answer, client).then(() => client.close(1000), () => client.terminate());
  });
}

/** As fast as the client takes it. */
async function copy(answer: IncomingMessage, client: WebSocket): Promise<void> {
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const message = client.protocol === base64 ? chunk.toString("base64") : chunk;
    await new Promise<void>((resolve, reject) => client.send(message, (error) => (error ? reject(error) : resolve())));
  }
}
