import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import type { Clock } from "#machinery/clock.ts";
import type { ContainerAccess } from "./container-access.ts";
import type { ServedPods } from "./served-pods.ts";
import type { UsageHistory } from "./statistics/usage-history.ts";

/** What answers are made from. */
export interface ServerParts {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly pods: ServedPods;
  readonly containers: ContainerAccess;
  /** What `/configz` shows. */
  readonly configuration: { readonly [setting: string]: unknown };
  /** Told of what is our own fault. */
  readonly failed: (what: string, error: Error) => void;
}

/** What answers are made from, and what the server remembers for them. */
export interface HandlerParts extends ServerParts {
  readonly usage: UsageHistory;
}

/** What the path of a request names. */
export interface Named {
  readonly namespace: string;
  readonly pod: string;
  readonly uid?: string;
  readonly container: string;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly named: Named;
  readonly query: URLSearchParams;
}

/** A request and its answer to be. */
export interface Exchange extends Asked {
  readonly response: ServerResponse;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** A request to go on with another protocol. */
export interface UpgradeExchange extends Asked {
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
}

export type Handler = (exchange: Exchange, parts: HandlerParts) => Promise<void> | void;
export type UpgradeHandler = (exchange: UpgradeExchange, parts: HandlerParts) => Promise<void>;

export function sendText(response: ServerResponse, code: number, text: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(code, { "content-type": type, "x-content-type-options": "nosniff" }).end(text);
}

export function sendJson(response: ServerResponse, value: unknown): void {
  sendText(response, 200, JSON.stringify(value), "application/json");
}
