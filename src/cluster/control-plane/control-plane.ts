import { kinds } from "#api/kinds.ts";
import { secretTokenSigner } from "#apiserver/authentication/service-account/secret-token.ts";
import { tellSinceWhen } from "#apiserver/authentication/service-account/token-use.ts";
import { assembleAccess, type AccessParts, type FrontProxy } from "#apiserver/access.ts";
import type { FrontProxyClient } from "#apiserver/aggregation/extension-servers.ts";
import { type ApiServer, startApiServer } from "#apiserver/apiserver.ts";
import { bootstrapCluster } from "#apiserver/bootstrap.ts";
import { inProcessTransport } from "#apiserver/in-process-transport.ts";
import type { KubeletCredentials, LocalKubelets } from "#apiserver/proxy/backend.ts";
import { RequestMeter } from "#apiserver/request-meter.ts";
import { RequestMetrics } from "#apiserver/metrics.ts";
import type { User } from "#apiserver/request.ts";
import type { PathRoute } from "#apiserver/route.ts";
import { assembleRoutes } from "#apiserver/routes.ts";
import { Client } from "#client/client.ts";
import { ControllerManager } from "#controller-manager/controller-manager.ts";
import { controllers, permissionsOf } from "#controller-manager/controllers.ts";
import type { SignCertificate } from "#controller-manager/controllers/certificate-signer.ts";
import { type Clock, systemClock } from "#machinery/clock.ts";
import { type IpRange, parseCidr } from "#machinery/ip.ts";
import type { Kind } from "#machinery/kind.ts";
import { type Random, systemRandom } from "#machinery/random.ts";
import { CustomMetricsServer } from "#metrics-server/custom-metrics/custom-metrics-server.ts";
import { MetricsServer } from "#metrics-server/metrics-server.ts";
import type { Configuration } from "#scheduler/configuration/read-configuration.ts";
import type { Explanation } from "#scheduler/decision-history.ts";
import { Scheduler } from "#scheduler/scheduler.ts";
import type { Store } from "#store/store.ts";
import type { Logging } from "../logging.ts";
import { decisionsRoute, schedulerMetricsRoute } from "./scheduler-routes.ts";
import { dnsEndpoints, dnsPermissions } from "./dns-endpoints.ts";
import { nodeStatistics } from "./node-statistics.ts";
import { podFigures } from "./pod-figures.ts";
import { servedKinds } from "./served-kinds.ts";
import type { ServiceNetwork } from "./service-network.ts";
import { makeSystemServices } from "./system-services.ts";

export interface ControlPlaneOptions {
  /** Stays open when the control plane stops: it is its opener's. */
  readonly store: Store;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logging?: Logging;
  /** PEM private key that signs service account tokens. */
  readonly signingKey: string;
  /** PEM of the authority that clients in pods trust (ConfigMap kube-root-ca.crt). */
  readonly certificateAuthority: string;
  /** Signs what is asked for by CertificateSigningRequests; nobody does when absent. */
  readonly signCertificate?: SignCertificate;
  readonly network: ServiceNetwork;
  /** Upstream's defaults when absent. */
  readonly schedulerConfiguration?: Configuration;
  /** Kinds to serve besides those that are generally available. */
  readonly moreKinds?: readonly Kind[];
  /** By which kubelets know the API server. */
  readonly kubelets?: KubeletCredentials;
  /** Whom the API server believes when they speak for others, and what it shows to extension servers itself. None of both when absent. */
  readonly frontProxy?: FrontProxy & { readonly client: FrontProxyClient };
  /** Kubelets in this process. */
  readonly localKubelets?: LocalKubelets;
}

/** API server, scheduler and controllers in this process. */
export interface ControlPlane {
  readonly api: ApiServer;
  readonly access: AccessParts;
  /** A client within the process that acts as `user`; an administrator when absent. */
  client(user?: User): Client;
  stop(): Promise<void>;
}

const administrator: User = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"], extra: {} };
const issuer = "https://kubernetes.default.svc.cluster.local";
const quiet: Logging = { of: () => () => undefined };

/** Resolves when the API serves this process and scheduler and controllers have begun. Open a port with `api.listen`. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { clock = systemClock, random = systemRandom, logging = quiet, network } = options;
  const placing: { scheduler?: Scheduler } = {};
  const metricsText = (): string => placing.scheduler?.metricsText() ?? "";
  const explain = (namespace: string, name: string): Explanation | undefined => placing.scheduler?.explain(namespace, name);
  const signing = options.signCertificate ? { signCertificate: options.signCertificate } : {};
  const resourceMetrics = new MetricsServer({ clock, read: nodeStatistics(options.kubelets, clock), log: logging.of("metrics-server") });
  const customMetrics = new CustomMetricsServer({ clock, scrape: podFigures(), log: logging.of("metrics-server") });
  const paths = [decisionsRoute(explain), schedulerMetricsRoute(metricsText)];
  const { api, access } = await startApi(options, { clock, random, logging, resourceMetrics, customMetrics, paths });
  const client = (user: User = administrator): Client => new Client(inProcessTransport(api, user));
  const served = servedKinds(api);
  const runnables = [
    ...controllers({
      kinds: served, clusterPodCidr: network.podCidr, rootCertificate: options.certificateAuthority,
      signSecretToken: secretTokenSigner(options.signingKey), ...signing,
    }),
    dnsEndpoints,
  ];
  await bootstrapCluster(client(), [...permissionsOf(runnables), dnsPermissions], {
    clients: options.certificateAuthority, ...(options.frontProxy ? { frontProxy: options.frontProxy } : {}),
  });
  await tellSinceWhen(client(), clock.now());
  await makeSystemServices(client(), network);
  const manager = new ControllerManager({
    controllers: runnables, clock, random: () => random.fraction(), log: logging.of("controller-manager"),
    client: client(component("system:kube-controller-manager")),
    clientFor: (name) => client(serviceAccount(name)),
  });
  manager.start();
  const scheduler = new Scheduler({
    client: client(component("system:kube-scheduler")), clock, random, log: logging.of("scheduler"), configuration: options.schedulerConfiguration,
  });
  placing.scheduler = scheduler;
  await scheduler.start();
  resourceMetrics.start(client());
  customMetrics.start(client());
  return {
    api, access, client,
    async stop() {
      resourceMetrics.stop();
      customMetrics.stop();
      scheduler.stop();
      manager.stop();
      await api.close();
    },
  };
}

interface ApiParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logging: Logging;
  readonly resourceMetrics: MetricsServer;
  readonly customMetrics: CustomMetricsServer;
  /** Served besides, as they are. */
  readonly paths: readonly PathRoute[];
}

async function startApi(options: ControlPlaneOptions, parts: ApiParts): Promise<Pick<ControlPlane, "api" | "access">> {
  const { clock, random, logging, resourceMetrics, customMetrics, paths } = parts;
  const { frontProxy } = options;
  const log = logging.of("apiserver");
  const made: { access?: AccessParts } = {};
  const metrics = new RequestMetrics({ inflight: () => meter.inflight });
  const meter: RequestMeter = new RequestMeter(metrics, clock);
  const api = await startApiServer({
    store: options.store, clock, random, kinds: [...kinds, ...(options.moreKinds ?? [])], audit: meter,
    ...(options.kubelets ? { kubelets: options.kubelets } : {}),
    ...(options.localKubelets ? { localKubelets: options.localKubelets } : {}),
    ...(frontProxy ? { frontProxyClient: frontProxy.client } : {}),
    serviceAddresses: { clusterRanges: [rangeOf(options.network.serviceCidr)], nodePorts: { first: 30_000, last: 32_767 } },
    access(needs) {
      const serviceAccounts = { issuer, signingKey: options.signingKey };
      made.access = assembleAccess({ clock, random, serviceAccounts, protectsVolumes: true, ...(frontProxy ? { frontProxy } : {}) }, needs);
      return made.access;
    },
    routes(served) {
      if (!made.access) throw new Error("routes are made after access");
      const { apiAddress, apiPort } = options.network;
      const platform = `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`;
      const address = `${apiAddress}:${apiPort}`;
      return assembleRoutes({ access: made.access, clock, metrics, resourceMetrics, customMetrics, address, platform, paths }, served);
    },
    onError: (error) => log("a request failed through no fault of the client", error instanceof Error ? error : new Error(String(error))),
  });
  if (!made.access) throw new Error("the API server did not ask for access");
  return { api, access: made.access };
}

function rangeOf(cidr: string): IpRange {
  const range = parseCidr(cidr);
  if (!range) throw new Error(`${cidr} is no range of addresses`);
  return range;
}

function component(name: string): User {
  return { name, groups: ["system:authenticated"], extra: {} };
}

function serviceAccount(name: string): User {
  const groups = ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"];
  return { name: `system:serviceaccount:kube-system:${name}`, groups, extra: {} };
}
