import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import type { HTTPGetAction } from "#api/generated/core-v1.ts";
import { type ActionResult, type ActionTarget, resolvePort } from "../lifecycle.ts";

const longestBodyBytes = 10 * 1024;
const longestSaidCharacters = 4096;

/** Asks over HTTP; 200 to 399 is well. Certificates are not checked, and redirects to another host count as well (API reference: Probe). */
export function runHttp(action: HTTPGetAction, target: ActionTarget, timeoutMilliseconds: number): Promise<ActionResult> {
  const host = action.host || target.address;
  const port = resolvePort(action.port, target.container);
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const path = action.path || "/";
  const url = `${action.scheme.toLowerCase()}://${shownHost}:${port}${path.startsWith("/") ? path : `/${path}`}`;
  return new Promise((resolve) => {
    const fail = (why: string): void => resolve({ ok: false, output: `Get "${url}": ${why}` });
    const ask = action.scheme === "HTTPS" ? httpsRequest : httpRequest;
    const request = ask(url, { headers: headersOf(action), rejectUnauthorized: false, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (body.length < longestBodyBytes) body += chunk;
      });
      response.on("error", (error) => fail(error.message));
      response.on("end", () => {
        const ok = status >= 200 && status < 400;
        resolve({ ok, output: ok ? body.slice(0, longestSaidCharacters) : `HTTP probe failed with statuscode: ${status}` });
      });
    });
    if (timeoutMilliseconds > 0) {
      const timedOut = new Error("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
      request.setTimeout(timeoutMilliseconds, () => request.destroy(timedOut));
    }
    request.on("error", (error: NodeJS.ErrnoException) => fail(dialError(error, `${shownHost}:${port}`)));
    request.end();
  });
}

/** As probes have always worded it, which people search for. */
export function dialError(error: NodeJS.ErrnoException, address: string): string {
  return error.code === "ECONNREFUSED" ? `dial tcp ${address}: connect: connection refused` : error.message;
}

function headersOf({ httpHeaders = [] }: HTTPGetAction): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { "User-Agent": "kube-probe/1.36", Accept: "*/*", Connection: "close" };
  for (const { name, value } of httpHeaders) {
    const key = Object.keys(headers).find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
    const before = httpHeaders.filter((each) => each.name.toLowerCase() === name.toLowerCase()).map((each) => each.value);
    headers[key] = before.length > 1 && name.toLowerCase() !== "host" ? before : value;
    // An empty header takes a default one away.
    if (value === "" && key !== name) delete headers[key];
  }
  return headers;
}
