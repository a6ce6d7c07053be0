import { generateKeyPairSync } from "node:crypto";
import { type Clock, systemClock } from "#machinery/clock.ts";
import { seededRandom } from "#machinery/random.ts";
import { type AccessParts, assembleAccess } from "../access.ts";
import { bootstrapCluster } from "../bootstrap.ts";
import { RequestMetrics } from "../metrics.ts";
import { RequestMeter } from "../request-meter.ts";
import { assembleRoutes } from "../routes.ts";
import type { ControllerPermissions } from "../authorization/default-roles/controllers.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "./api-server.ts";

export const testIssuer = "https://kubernetes.default.svc.cluster.local";

export interface AccessServer extends TestServer {
  readonly access: AccessParts;
}

export interface AccessServerOptions extends TestServerOptions {
  readonly controllers?: readonly ControllerPermissions[];
}

/** A server where access is decided as in a cluster, with everything that a cluster starts with. */
export async function startAccessServer(options: AccessServerOptions = {}): Promise<AccessServer> {
  const { controllers = [], ...more } = options;
  const clock: Clock = options.clock ?? systemClock;
  const random = seededRandom(3);
  let access: AccessParts | undefined;
  const metrics = new RequestMetrics({ inflight: () => meter.inflight });
  const meter: RequestMeter = new RequestMeter(metrics, clock);
  const server = await startTestServer({
    access(needs) {
      access = assembleAccess({ clock, random, serviceAccounts: { issuer: testIssuer, signingKey: newSigningKey() } }, needs);
      return access;
    },
    routes(parts) {
      if (!access) throw new Error("routes are made after access");
      return assembleRoutes({ access, clock, metrics, address: "127.0.0.1:6443", platform: "linux/amd64" }, parts);
    },
    audit: meter,
    ...more,
  });
  await bootstrapCluster(server, controllers);
  if (!access) throw new Error("the server did not ask for access");
  return { ...server, access };
}

function newSigningKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
