import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";

import { StatusError } from "#machinery/status-error.ts";

/** A connection to the runtime's streaming server that speaks another protocol from here on. */
export interface RuntimeConnection {
  /** Its answer, 101. */
  readonly answer: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the answer already. */
  readonly early: Buffer;
}

const longestRefusal = 4096;

/** @param url as the runtime gave it: good for one connection @throws StatusError with what the runtime says in place of going on */
export function connectRuntime(url: URL, method: string, headers: OutgoingHttpHeaders): Promise<RuntimeConnection> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false } as const;
    const request = url.protocol === "https:" ? requestHttps(url, { ...options, rejectUnauthorized: false }) : requestHttp(url, options);
    request.on("upgrade", (answer, socket: Socket, early) => {
      socket.setNoDelay(true);
      resolve({ answer, socket, early });
    });
    request.on("response", (answer) => void refusal(answer).then(reject, reject));
    request.on("error", (error) => reject(failed(502, `error dialing the container runtime: ${error.message}`)));
    request.end();
  });
}

/** Asks for SPDY. @param protocol of the streams, such as `v4.channel.k8s.io` */
export function connectSpdy(url: URL, protocol: string): Promise<RuntimeConnection> {
  return connectRuntime(url, "POST", { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol, "content-length": 0 });
}

async function refusal(answer: IncomingMessage): Promise<StatusError> {
  let text = "";
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > longestRefusal) break;
  }
  return failed(Math.max(400, answer.statusCode ?? 500), text.trim() || "the container runtime refused the connection");
}

function failed(code: number, message: string): StatusError {
  return new StatusError({ code, reason: "InternalError", message });
}
