import type { IncomingMessage } from "node:http";

import type { UpgradeExchange } from "../exchange.ts";
import { join } from "./join.ts";
import { connectRuntime } from "./runtime-connection.ts";

/** Between us and the client only, or none of the runtime's business. */
const ours: readonly string[] = ["host", "authorization", "cookie", "origin", "content-length", "transfer-encoding"];

/** Lets client and runtime speak with each other, unread: for protocols that the runtime speaks itself. */
export async function passThrough({ request, socket, head }: UpgradeExchange, url: URL): Promise<void> {
  const runtime = await connectRuntime(url, request.method ?? "GET", headersOf(request));
  socket.write(answerHead(runtime.answer));
  if (runtime.early.length > 0) socket.write(runtime.early);
  if (head.length > 0) runtime.socket.write(head);
  join(socket, runtime.socket);
}

function headersOf({ rawHeaders }: IncomingMessage): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (!ours.includes(name)) (headers[name] ??= []).push(rawHeaders[index + 1] ?? "");
  }
  return headers;
}

function answerHead({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index < rawHeaders.length; index += 2) lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
