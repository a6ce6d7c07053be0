import https from "node:https";
import type { APIService } from "#api/apiregistration/api-service.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { type Backend, requestTo } from "../proxy/backend.ts";
import { serviceEndpoint } from "../proxy/service-endpoint.ts";
import type { Objects, User } from "../request.ts";
import { remoteHeaders } from "./remote-headers.ts";

/** PEM of the certificate that extension servers know this one by, and its key. */
export interface FrontProxyClient {
  readonly certificate: string;
  readonly key: string;
}

export interface ExtensionServersOptions {
  readonly objects: Objects;
  readonly random: Random;
  readonly clock: Clock;
  readonly client: FrontProxyClient;
}

export interface Fetched {
  /** HTTP status code. */
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

/** As whom the server itself asks: whoever is served may do everything there. */
const aggregator: User = { name: "system:kube-aggregator", groups: ["system:masters"], extra: {} };
const timeoutMilliseconds = 5000;
const longestAnswer = 8 * 1024 * 1024;

/** The connections to the servers behind APIServices, each trusted as its APIService says. */
export class ExtensionServers {
  readonly #options: ExtensionServersOptions;
  readonly #agents = new Map<string, { readonly spec: APIService["spec"]; readonly agent: https.Agent }>();

  constructor(options: ExtensionServersOptions) {
    this.#options = options;
  }

  /** One of the endpoints behind the service. @param path with the query @throws StatusError (404, 503) where there is none */
  backend(service: APIService, path: string): Backend {
    const { objects, random } = this.#options;
    const { namespace = "", name = "", port = 443 } = service.spec.service ?? {};
    const endpoint = serviceEndpoint(objects, random, { namespace, name, port: String(port) });
    return { protocol: "https:", ...endpoint, path, agent: this.#agentOf(service) };
  }

  /** GET as the server itself. @throws Error where there is no answer in time, or one that is too long */
  async get(service: APIService, path: string, accept: string): Promise<Fetched> {
    const backend = this.backend(service, path);
    return new Promise((resolve, reject) => {
      const request = requestTo(backend, "GET", { accept, ...remoteHeaders(aggregator) });
      const timer = this.#options.clock.after(timeoutMilliseconds, () => void request.destroy(new Error("context deadline exceeded")));
      request.on("close", () => timer.cancel());
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
          chunks.push(chunk);
          if (length > longestAnswer) request.destroy(new Error(`the answer is longer than ${longestAnswer} bytes`));
        });
        response.on("error", reject);
        response.on("end", () => resolve({
          code: response.statusCode ?? 0, contentType: response.headers["content-type"] ?? "", body: Buffer.concat(chunks).toString("utf8"),
        }));
      });
      request.end();
    });
  }

  /** Its connections are not needed any more. */
  forget(name: string): void {
    this.#agents.get(name)?.agent.destroy();
    this.#agents.delete(name);
  }

  close(): void {
    for (const name of this.#agents.keys()) this.forget(name);
  }

  /** Connections made under one trust are not used under another. */
  #agentOf({ metadata: { name }, spec }: APIService): https.Agent {
    const known = this.#agents.get(name);
    if (known?.spec === spec) return known.agent;
    if (known) this.forget(name);
    const { service, caBundle, insecureSkipTLSVerify = false } = spec;
    const { certificate, key } = this.#options.client;
    const agent = new https.Agent({
      keepAlive: true, maxFreeSockets: 32, cert: certificate, key, servername: `${service?.name ?? ""}.${service?.namespace ?? ""}.svc`,
      rejectUnauthorized: !insecureSkipTLSVerify, ...(caBundle ? { ca: Buffer.from(caBundle, "base64") } : {}),
    });
    this.#agents.set(name, { spec, agent });
    return agent;
  }
}
