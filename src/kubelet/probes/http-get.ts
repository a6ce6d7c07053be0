import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

import type { HTTPGetAction } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { resolvePort } from "../lifecycle.ts";
import type { ActionTarget } from "../lifecycle.ts";
import { type Attempt, Deadline, failure, mostOutputBytes } from "./attempt.ts";
import { authorityOf, describeNetworkError } from "./network-error.ts";

const mostRedirects = 10;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

export interface HttpAnswer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
}

interface HttpRequest {
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string[]>;
  readonly signal: AbortSignal;
}

/**
 * Asks a container by HTTP. Good are 200 to 399; redirects are followed within the same host, and one that leads elsewhere is a
 * success with a warning. Certificates are not checked: they are seldom made for a pod's address.
 */
export async function probeHttp(
  action: HTTPGetAction, target: ActionTarget, timeoutSeconds: number, userAgent: string, clock: Clock,
): Promise<Attempt> {
  const answer = await getHttp(action, target, timeoutSeconds, userAgent, clock);
  if (typeof answer === "string") return failure(answer);
  if (answer.status < 200 || answer.status >= 400) return failure(`HTTP probe failed with statuscode: ${answer.status}`);
  if (answer.status >= 300) return { outcome: "warning", output: `Probe terminated redirects, Response body: ${answer.body}` };
  return { outcome: "success", output: answer.body };
}

/** The answer, or why there is none. */
export async function getHttp(
  action: HTTPGetAction, target: ActionTarget, timeoutSeconds: number, userAgent: string, clock: Clock,
): Promise<HttpAnswer | string> {
  let url: URL;
  try {
    url = urlOf(action, target);
  } catch (error) {
    return (error as Error).message;
  }
  const deadline = new Deadline(clock, timeoutSeconds);
  try {
    return await follow({ url, headers: headersOf(action, userAgent), signal: deadline.signal });
  } catch (error) {
    if (deadline.passed) return `Get "${url.href}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
    return `Get "${url.href}": ${describeNetworkError(error, authorityOf(bare(url.hostname), portOf(url)))}`;
  } finally {
    deadline.cancel();
  }
}

function urlOf({ scheme, host, port, path }: HTTPGetAction, { container, address }: ActionTarget): URL {
  const authority = authorityOf(host || address, resolvePort(port, container));
  return new URL(`${scheme === "HTTPS" ? "https" : "http"}://${authority}${path.startsWith("/") ? "" : "/"}${path}`);
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}

function headersOf({ httpHeaders = [] }: HTTPGetAction, userAgent: string): ReadonlyMap<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const { name, value } of httpHeaders) {
    const key = name.toLowerCase();
    headers.set(key, [...headers.get(key) ?? [], value]);
  }
  if (!headers.has("user-agent")) headers.set("user-agent", [userAgent]);
  if (!headers.has("accept")) headers.set("accept", ["*/*"]);
  // An empty value says that the header is not to be sent.
  for (const name of ["user-agent", "accept"]) if (headers.get(name)?.join("") === "") headers.delete(name);
  return headers;
}

async function follow(first: HttpRequest): Promise<HttpAnswer> {
  let request = first;
  for (let followed = 0; followed < mostRedirects; followed++) {
    const response = await send(request);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const next = redirects.includes(status) && location ? new URL(location, request.url) : undefined;
    if (next === undefined || next.hostname !== first.url.hostname) return { status, body: await beginningOf(response) };
    response.destroy();
    request = { ...request, url: next };
  }
  throw new Error(`stopped after ${mostRedirects} redirects`);
}

function send({ url, headers, signal }: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = [...headers].map(([name, values]) => [name, name === "host" ? values.at(-1) : values] as const);
    const options = { agent: false, headers: { ...Object.fromEntries(sent), connection: "close" }, signal } as const;
    const request = url.protocol === "https:"
      ? requestHttps(url, { ...options, rejectUnauthorized: false }, resolve)
      : requestHttp(url, options, resolve);
    request.on("error", reject);
    request.end();
  });
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= mostOutputBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostOutputBytes).toString();
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
