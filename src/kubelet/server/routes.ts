import { containerLogs } from "./container-logs.ts";
import type { Handler, UpgradeHandler } from "./exchange.ts";
import { configz, healthz, listPods, run } from "./inspection.ts";
import { metrics, metricsResource, statsSummary } from "./statistics/statistics.ts";
import { attach, exec, portForward } from "./streams/streams.ts";

export interface Route {
  readonly method: "GET" | "POST";
  /** Its named groups are the request's `Named`. */
  readonly path: RegExp;
  readonly handle: Handler;
  /** For everybody, certificate or not. */
  readonly isOpen?: true;
}

/** What the kubelet's server answers. */
export const routes: readonly Route[] = [
  { method: "GET", path: /^\/healthz(\/(ping|syncloop|log))?$/, handle: healthz, isOpen: true },
  { method: "GET", path: /^\/containerLogs\/(?<namespace>[^/]+)\/(?<pod>[^/]+)\/(?<container>[^/]+)$/, handle: containerLogs },
  { method: "POST", path: /^\/run\/(?<namespace>[^/]+)\/(?<pod>[^/]+)(?:\/(?<uid>[^/]+))?\/(?<container>[^/]+)$/, handle: run },
  { method: "GET", path: /^\/pods$/, handle: listPods },
  { method: "GET", path: /^\/configz$/, handle: configz },
  { method: "GET", path: /^\/stats\/summary$/, handle: statsSummary },
  { method: "GET", path: /^\/metrics$/, handle: metrics },
  { method: "GET", path: /^\/metrics\/resource$/, handle: metricsResource },
];

export interface UpgradeRoute {
  readonly path: RegExp;
  readonly handle: UpgradeHandler;
}

/** What goes on in another protocol. */
export const upgradeRoutes: readonly UpgradeRoute[] = [
  { path: /^\/exec\/(?<namespace>[^/]+)\/(?<pod>[^/]+)(?:\/(?<uid>[^/]+))?\/(?<container>[^/]+)$/, handle: exec },
  { path: /^\/attach\/(?<namespace>[^/]+)\/(?<pod>[^/]+)(?:\/(?<uid>[^/]+))?\/(?<container>[^/]+)$/, handle: attach },
  { path: /^\/portForward\/(?<namespace>[^/]+)\/(?<pod>[^/]+)(?:\/(?<uid>[^/]+))?$/, handle: portForward },
];
