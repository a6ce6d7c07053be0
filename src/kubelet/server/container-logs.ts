import { once } from "node:events";

import { badRequest } from "#machinery/status-error.ts";
import { isLive, type ObservedContainer } from "../runtime/observed.ts";
import { identityOf } from "../runtime/runtime.ts";
import type { Exchange, ServerParts } from "./exchange.ts";
import type { LogEntry } from "./log-format.ts";
import { LogOutput } from "./logs/log-output.ts";
import { type LogQuery, parseLogQuery } from "./logs/log-query.ts";
import { findLogged, findPod, type ServedPod } from "./served-pods.ts";

/** GET /containerLogs/NAMESPACE/POD/CONTAINER: as the client takes it, so does it leave the disk. */
export async function containerLogs({ named, query, response, signal }: Exchange, parts: ServerParts): Promise<void> {
  const wanted = parseLogQuery(query, parts.clock.now());
  const served = findPod(parts.pods, named.namespace, named.pod);
  const instance = findLogged(served, named.container, wanted.previous);
  const log = await open(served, instance, wanted, signal, parts);
  const output = new LogOutput(wanted);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }).flushHeaders();
  for await (const entries of log) {
    const bytes = output.format(entries);
    if (bytes.length > 0 && !response.write(bytes)) await once(response, "drain", { signal }).catch(() => undefined);
    if (output.isFull || signal.aborted) break;
  }
  response.end();
}

async function open(
  served: ServedPod, instance: ObservedContainer, { follow, tailLines, stream }: LogQuery, signal: AbortSignal, { pods, containers }: ServerParts,
): Promise<AsyncIterable<readonly LogEntry[]>> {
  const { namespace, name, uid } = served.pod.metadata;
  const mayStillWrite = (): boolean => {
    const now = pods.worker(namespace, name);
    return now?.pod.metadata.uid === uid && now.observed.containers.some((container) => container.id === instance.id && isLive(container));
  };
  try {
    const options = { tailLines, stream, signal, ...(follow ? { isLive: mayStillWrite } : {}) };
    return await containers.openLog(identityOf(served.pod), instance, options);
  } catch (error) {
    throw badRequest(`unable to retrieve container logs for container "${instance.name}": ${(error as Error).message}`);
  }
}
