import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { Extender } from "#api/generated/schedulerconfig-v1.ts";
import { parseDuration } from "#machinery/duration.ts";

const mostAnswerBytes = 32 * 1024 * 1024;
const usualMilliseconds = 5000;

/** Asks over HTTP or HTTPS. @throws Error where there is no answer of 200, in time and of a bearable size */
export async function askOverHttp(extender: Extender, verb: string, body: unknown): Promise<unknown> {
  const url = new URL(`${extender.urlPrefix.replace(/\/+$/, "")}/${verb}`);
  const { request } = await (url.protocol === "https:" ? import("node:https") : import("node:http"));
  const signal = AbortSignal.timeout(parseDuration(extender.httpTimeout) ?? usualMilliseconds);
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", headers: { "content-type": "application/json" }, signal, ...trust(extender) });
    asked.on("response", (response) => {
      textOf(response).then((text) => {
        if (response.statusCode !== 200) throw new Error(`failed ${verb} with extender at URL ${url.href}, code ${response.statusCode}`);
        resolve(JSON.parse(text));
      }).catch(reject);
    });
    asked.on("error", reject);
    asked.end(JSON.stringify(body));
  });
}

function trust({ tlsConfig }: Extender): RequestOptions {
  const { insecure, serverName, caFile } = tlsConfig ?? {};
  const named = serverName ? { servername: serverName } : {};
  const trusting = caFile ? { ca: readFileSync(caFile) } : {};
  return { rejectUnauthorized: insecure !== true, ...named, ...trusting };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) throw new Error(`the extender's answer is longer than ${mostAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
