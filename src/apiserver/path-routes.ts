import type { BytesAnswer } from "./answer.ts";
import type { IssuerDocuments } from "./authentication/service-account/discovery.ts";
import { type Discovery, pageNotFound } from "./discovery/discovery.ts";
import { answerDocument, type Document, jsonDocument } from "./document.ts";
import type { FlowControl } from "./flow-control/flow-control.ts";
import { answerHealth, type HealthChecks } from "./health.ts";
import type { KindRegistry } from "./kind-registry.ts";
import type { RequestMetrics } from "./metrics.ts";
import type { PathRoute } from "./route.ts";
import { versionDocument } from "./version.ts";

export interface PathRouteOptions {
  readonly discovery: Discovery;
  readonly health: HealthChecks;
  readonly metrics: RequestMetrics;
  readonly flowControl: FlowControl;
  /** For the metrics of each. */
  readonly served: KindRegistry;
  readonly issuer: Promise<IssuerDocuments>;
  /** Such as linux/amd64. */
  readonly platform: string;
  /** Those of others, to be listed at / as well. */
  readonly others: readonly PathRoute[];
}

/** Everything that is served at a path that is no resource. */
export function pathRoutes(options: PathRouteOptions): readonly PathRoute[] {
  const { discovery, metrics, flowControl, issuer, others } = options;
  const version = versionDocument(options.platform);
  const routes: readonly PathRoute[] = [
    ...["/api", "/api/", "/apis", "/apis/"].map((path) => discoveryRoute(path, discovery)),
    ...["/healthz", "/healthz/", "/livez", "/livez/", "/readyz", "/readyz/"].map((path) => healthRoute(path, options.health)),
    { path: "/version", answer: ({ request }) => answerDocument(version, request.header("if-none-match")) },
    { path: "/version/", answer: ({ request }) => answerDocument(version, request.header("if-none-match")) },
    { path: "/metrics", answer: () => metrics.answer(options.served.all(), flowControl.metrics()) },
    { path: "/.well-known/openid-configuration", answer: async () => forAnHour(jsonDocument((await issuer).configuration)) },
    { path: "/openid/v1/jwks", answer: async () => forAnHour(jsonDocument((await issuer).keySet, "application/jwk-set+json")) },
    ...others,
  ];
  return [...routes, { path: "/", answer: ({ info }) => rootPaths(info.path, discovery, routes) }];
}

function forAnHour(document: Document): BytesAnswer {
  return answerDocument(document, undefined, { "cache-control": "public, max-age=3600" });
}

function discoveryRoute(path: string, discovery: Discovery): PathRoute {
  return {
    path,
    answer({ info, request }) {
      const answer = discovery.answer(info.path, request.header("accept"), request.header("if-none-match"));
      if (!answer) throw pageNotFound();
      return answer;
    },
  };
}

function healthRoute(path: string, checks: HealthChecks): PathRoute {
  return {
    path,
    async answer({ info, request }) {
      const answer = await answerHealth(info.path.replace(/(?<=.)\/$/, ""), request.query, checks);
      if (!answer) throw pageNotFound();
      return answer;
    },
  };
}

/** At /: what there is to ask for. */
function rootPaths(path: string, discovery: Discovery, routes: readonly PathRoute[]): BytesAnswer {
  if (path !== "/") throw pageNotFound();
  const served = routes.map((route) => route.path).filter((each) => !each.endsWith("/"));
  return answerDocument(jsonDocument({ paths: [...new Set([...served, ...discovery.paths()])].toSorted() }), undefined);
}
