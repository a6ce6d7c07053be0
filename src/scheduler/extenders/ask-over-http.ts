import { readFileSync } from "node:fs";
import type { Dispatcher } from "undici";
import type { Extender } from "#api/generated/schedulerconfig-v1.ts";
import { parseDuration } from "#machinery/duration.ts";

const mostAnswerBytes = 32 * 1024 * 1024;
const usualMilliseconds = 5000;

/** Asks over HTTP or HTTPS; connections are kept for later questions. @throws Error */
export function askOverHttp(): (extender: Extender, verb: string, body: unknown) => Promise<unknown> {
  const dispatchers = new Map<Extender, Promise<Dispatcher>>();
  return async (extender, verb, body) => {
    const { request } = await import("undici");
    const dispatcher = dispatchers.get(extender) ?? dispatcherFor(extender);
    dispatchers.set(extender, dispatcher);
    const url = `${extender.urlPrefix.replace(/\/+$/, "")}/${verb}`;
    const milliseconds = parseDuration(extender.httpTimeout) ?? usualMilliseconds;
    const answer = await request(url, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), dispatcher: await dispatcher,
      signal: AbortSignal.timeout(milliseconds),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${answer.statusCode}`);
    return JSON.parse(text) as unknown;
  };
}

async function dispatcherFor({ tlsConfig }: Extender): Promise<Dispatcher> {
  const { Agent } = await import("undici");
  const { insecure, serverName, caFile } = tlsConfig ?? {};
  const named = serverName ? { servername: serverName } : {};
  const trusting = caFile ? { ca: readFileSync(caFile) } : {};
  return new Agent({ maxResponseSize: mostAnswerBytes, connect: { rejectUnauthorized: insecure !== true, ...named, ...trusting } });
}
