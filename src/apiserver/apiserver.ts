import { type Clock, systemClock } from "#machinery/clock.ts";
import type { IpRange } from "#machinery/ip.ts";
import type { Kind } from "#machinery/kind.ts";
import { type Random, systemRandom } from "#machinery/random.ts";
import type { Store } from "#store/store.ts";
import type { AdmissionPlugin } from "./admission/admission.ts";
import { Aggregation } from "./aggregation/aggregation.ts";
import type { FrontProxyClient } from "./aggregation/extension-servers.ts";
import { ApiObjects } from "./api-objects.ts";
import type { ApiRequest } from "./api-request.ts";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import { HttpsWebhookCaller, type WebhookCaller } from "./admission/webhooks/webhook-caller.ts";
import { CustomResources } from "./custom-resources/custom-resources.ts";
import { type ExtensionVersions, noExtensions } from "./discovery/extension-versions.ts";
import { HttpServer, type Listener } from "./http/server.ts";
import { FlowControl } from "./flow-control/flow-control.ts";
import { KindRegistry } from "./kind-registry.ts";
import { type Answered, type Audit, handleRequest, type PipelineOptions } from "./request-pipeline.ts";
import { BackendConnections, type KubeletCredentials, type LocalKubelets } from "./proxy/backend.ts";
import type { Objects } from "./request.ts";
import type { PathRoute, ResourceRoute } from "./route.ts";
import { Router } from "./router.ts";
import type { ServerParts } from "./server-parts.ts";
import type { PortRange } from "./service-addresses/port-pool.ts";
import { ServiceAddresses } from "./service-addresses/service-addresses.ts";
import { KindStorages } from "./storage/served-kinds.ts";
import { subresourceRoutes } from "./subresources/subresources.ts";

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly kinds: readonly Kind[];
  /** How access is decided and writes are checked, made of the objects that the server serves. */
  access(parts: AccessNeeds): Access;
  /** What is served besides stored kinds, likewise. */
  routes?(parts: ServerParts): Routes;
  /** Services get no addresses when absent. */
  readonly serviceAddresses?: { readonly clusterRanges: readonly IpRange[]; readonly nodePorts: PortRange };
  /** By which kubelets know the server: for logs, exec, port forwarding. */
  readonly kubelets?: KubeletCredentials;
  /** By which extension servers know the server. APIServices are objects only when absent. */
  readonly frontProxyClient?: FrontProxyClient;
  /** Kubelets in this process. */
  readonly localKubelets?: LocalKubelets;
  /** Requests at work at once, besides those that are exempt. Default 600, as upstream: 400 that read and 200 that write. */
  readonly seats?: number;
  readonly audit?: Audit;
  /** Told of what is no client's fault. */
  onError?(error: unknown): void;
}

/** What access is decided with. */
export interface AccessNeeds {
  readonly objects: Objects;
  readonly registry: KindRegistry;
  readonly webhooks: WebhookCaller;
}

export interface Access {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly admission: readonly AdmissionPlugin[];
}

export interface Routes {
  readonly paths?: readonly PathRoute[];
  readonly resources?: readonly ResourceRoute[];
}

/** A running API server. Without a listener it serves this process alone (inProcessTransport). */
export interface ApiServer {
  readonly objects: Objects;
  readonly registry: KindRegistry;
  /** What is served through this server by others. */
  readonly extensions: ExtensionVersions;
  handle(request: ApiRequest): Promise<Answered>;
  /** Serves the network as well. @returns the port @throws Error where it cannot be had */
  listen(listener: Listener): Promise<number>;
  /** Ends watches, lets requests at work finish, closes the port. The store stays open: it is its opener's. */
  close(): Promise<void>;
}

const defaultSeats = 600;
const graceMilliseconds = 2000;

/** Resolves when everything that the store holds can be read. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock = systemClock, random = systemRandom } = options;
  const onError = (error: unknown): void => options.onError?.(error);
  const registry = new KindRegistry();
  const storages = new KindStorages({ store, clock, onError });
  for (const kind of options.kinds) registry.add(storages.serve(kind));
  await storages.start();
  const objects = new ApiObjects(registry);
  const webhooks = new HttpsWebhookCaller({ objects, random, clock });
  const customResources = new CustomResources({ registry, storages, objects, store, clock, random, onError, webhooks });
  await customResources.start();
  const { authenticator, authorizer, admission } = options.access({ objects, registry, webhooks });
  const { serviceAddresses } = options;
  const allocators = serviceAddresses ? [new ServiceAddresses({ objects, random, ...serviceAddresses })] : [];
  const backends = new BackendConnections(options.kubelets, options.localKubelets);
  const { frontProxyClient } = options;
  const aggregation = frontProxyClient && new Aggregation({ registry, objects, clock, random, onError, client: frontProxyClient });
  aggregation?.start();
  const flowControl = new FlowControl({
    objects, clock, seats: options.seats ?? defaultSeats, onError,
    count: ({ group, version, resource }) => registry.find(group, version, resource)?.storage?.size ?? 0,
  });
  flowControl.start();
  const parts: ServerParts = {
    store, clock, random, registry, objects, authorizer, admission, allocators, backends, flowControl, onError,
    ...(aggregation ? { aggregation } : {}),
  };
  const { paths = [], resources = [] } = options.routes?.(parts) ?? {};
  const router = new Router(parts, paths, [...resources, ...subresourceRoutes]);
  const pipeline: PipelineOptions = {
    authenticator, authorizer, flowControl,
    ...(options.audit ? { audit: options.audit } : {}),
    endpoint: (context) => router.answer(context),
  };
  const handle = (request: ApiRequest): Promise<Answered> => handleRequest(pipeline, request);
  const servers: HttpServer[] = [];
  return {
    objects, registry, handle, extensions: aggregation ?? noExtensions,
    async listen(listener) {
      const server = new HttpServer({ listener, clock, handle, onError });
      await server.listen();
      servers.push(server);
      return server.port;
    },
    async close() {
      flowControl.close();
      customResources.close();
      aggregation?.close();
      storages.close();
      backends.close();
      await Promise.all(servers.map((server) => server.close(graceMilliseconds)));
    },
  };
}
