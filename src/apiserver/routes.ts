import type { Clock } from "#machinery/clock.ts";
import type { AccessParts } from "./access.ts";
import type { Routes } from "./apiserver.ts";
import { issuerDocuments } from "./authentication/service-account/discovery.ts";
import { componentStatusRoute } from "./component-statuses.ts";
import type { CustomMetrics } from "./custom-metrics/custom-metrics.ts";
import { customMetricsRoutes } from "./custom-metrics/custom-metrics-routes.ts";
import { externalMetricsRoutes } from "./custom-metrics/external-metrics-routes.ts";
import { withMetricVersions } from "./custom-metrics/metric-versions.ts";
import { Discovery } from "./discovery/discovery.ts";
import { noExtensions } from "./discovery/extension-versions.ts";
import { type HealthChecks, storeHealth } from "./health.ts";
import type { RequestMetrics } from "./metrics.ts";
import { OpenApi } from "./openapi/openapi.ts";
import { pathRoutes } from "./path-routes.ts";
import { type ResourceMetrics, resourceMetricsRoutes } from "./resource-metrics.ts";
import { accessReviewRoutes } from "./reviews/access-review.ts";
import { selfSubjectReviewRoute, selfSubjectRulesReviewRoute } from "./reviews/self-reviews.ts";
import { tokenRequestRoute } from "./reviews/token-request.ts";
import { tokenReviewRoute } from "./reviews/token-review.ts";
import type { PathRoute } from "./route.ts";
import type { ServerParts } from "./server-parts.ts";

export interface RouteOptions {
  readonly access: AccessParts;
  readonly clock: Clock;
  /** That the store answers, when absent. */
  readonly health?: HealthChecks;
  readonly metrics: RequestMetrics;
  /** Who knows what nodes and pods use. */
  readonly resourceMetrics?: ResourceMetrics;
  /** Who knows what pods tell of themselves. */
  readonly customMetrics?: CustomMetrics;
  /** Host and port under which clients reach this server. */
  readonly address: string;
  /** Such as linux/amd64. */
  readonly platform: string;
  readonly paths?: readonly PathRoute[];
}

/** What the API server answers besides stored kinds: documents about itself, and reviews. */
export function assembleRoutes(options: RouteOptions, { registry, objects, store, aggregation, flowControl }: ServerParts): Required<Routes> {
  const { access, clock, health, metrics, resourceMetrics, customMetrics, platform, address } = options;
  const { authenticator, authorizer, roles, serviceAccounts, issuer, keys, audiences } = access;
  const extensions = aggregation ?? noExtensions;
  const checks = health ?? storeHealth(store);
  return {
    paths: pathRoutes({
      discovery: new Discovery(registry, address, customMetrics ? withMetricVersions(extensions) : extensions),
      health: checks, metrics, flowControl, platform, served: registry,
      issuer: issuerDocuments(issuer.issuer, keys, `https://${address}/openid/v1/jwks`),
      others: [
        ...new OpenApi(registry, aggregation).routes,
        ...(customMetrics ? [...customMetricsRoutes({ metrics: customMetrics, registry, objects }), ...externalMetricsRoutes(customMetrics)] : []),
        ...(options.paths ?? []),
      ],
    }),
    resources: [
      componentStatusRoute(checks),
      ...(resourceMetrics ? resourceMetricsRoutes(resourceMetrics) : []),
      tokenReviewRoute({ serviceAccounts, authenticator, audiences }),
      tokenRequestRoute({ issuer, objects, clock, audiences }),
      ...accessReviewRoutes(authorizer),
      selfSubjectReviewRoute,
      selfSubjectRulesReviewRoute(roles),
    ],
  };
}
