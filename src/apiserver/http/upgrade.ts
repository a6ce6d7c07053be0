import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { StatusError } from "#machinery/status-error.ts";

/** Answers an HTTP/1.1 request for an upgrade with an ordinary error, and closes. */
export function refuseUpgrade(socket: Duplex, { body }: StatusError): void {
  if (socket.destroyed || socket.writableEnded) return;
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  const head = [
    `HTTP/1.1 ${body.code} ${STATUS_CODES[body.code] ?? ""}`,
    "content-type: application/json",
    `content-length: ${text.length}`,
    "connection: close",
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), text]));
}
