import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { WatchEvent, WatchHandle, WatchListener } from "#client/transport.ts";
import type { Clock } from "#machinery/clock.ts";
import { Lines } from "#machinery/lines.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
import { serviceUnavailable, type Status, type StatusError, statusErrorFrom, statusErrorOf } from "#machinery/status-error.ts";
import type { WithinProcess } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { jsonMediaType } from "../body/media-types.ts";
import { type Backend, requestTo } from "../proxy/backend.ts";
import { readAnswer } from "../proxy/read-answer.ts";

/** As long as upstream's servers take for any request. */
const timeoutMilliseconds = 60_000;
const longestAnswer = 64 * 1024 * 1024;

/** What a caller within the process gets of an extension server, which only speaks JSON over HTTPS. */
export function askedWithin(backend: Backend, remoteHeaders: OutgoingHttpHeaders, request: ApiRequest, clock: Clock): WithinProcess {
  const headers = { ...remoteHeaders, accept: jsonMediaType };
  return {
    async call() {
      const body = await request.body();
      const content = body.is === "bytes" ? body.bytes : body.value === undefined ? undefined : JSON.stringify(body.value);
      const type = content === undefined ? {} : { "content-type": request.header("content-type") ?? jsonMediaType };
      const sent = requestTo(backend, request.method, { ...headers, ...type });
      const stop = (): void => void sent.destroy(request.signal.reason as Error);
      request.signal.addEventListener("abort", stop, { once: true });
      const answered = readAnswer(sent, { clock, milliseconds: timeoutMilliseconds, bytes: longestAnswer });
      sent.end(content);
      const { code, body: text } = await answered
        .catch((error: unknown) => Promise.reject(unreachable(error)))
        .finally(() => request.signal.removeEventListener("abort", stop));
      if (code >= 300) throw statusErrorOf(code, text);
      return text === "" ? undefined : parseJson(text).value;
    },
    watch: (listener) => follow(backend, headers, listener),
  };
}

function unreachable(error: unknown): StatusError {
  return serviceUnavailable(`error dialing backend: ${error instanceof Error ? error.message : String(error)}`);
}

/** Events come as lines of JSON; what is none of them ends the watch. */
function follow(backend: Backend, headers: OutgoingHttpHeaders, listener: WatchListener): WatchHandle {
  const sent = requestTo(backend, "GET", headers);
  let over = false;
  const end = (reason: Error | undefined): void => {
    if (over) return;
    over = true;
    sent.destroy();
    listener.ended(reason);
  };
  const lines = new Lines((line) => {
    if (over) return;
    const event = JSON.parse(line) as { readonly type: string; readonly object: unknown };
    if (event.type === "ERROR") end(statusErrorFrom(event.object as Status));
    else listener.event(event as WatchEvent);
  });
  sent.on("response", (response: IncomingMessage) => {
    if (response.statusCode !== 200) return void refusal(response).then(end, end);
    response.on("data", (chunk: Buffer) => {
      try {
        lines.push(chunk);
      } catch (error) {
        end(error as Error);
      }
    });
    response.on("error", end);
    response.on("end", () => end(undefined));
  });
  sent.on("error", (error) => end(unreachable(error)));
  sent.end();
  return {
    close() {
      over = true;
      sent.destroy();
    },
  };
}

const longestRefusal = 64 * 1024;

async function refusal(response: IncomingMessage): Promise<StatusError> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > longestRefusal) break;
  }
  return statusErrorOf(response.statusCode ?? 502, text);
}
