import https from "node:https";
import type { APIService } from "#api/apiregistration/api-service.ts";
import type { Clock } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import type { Random } from "#machinery/random.ts";
import { type Backend, requestTo } from "../proxy/backend.ts";
import { readAnswer, type WholeAnswer } from "../proxy/read-answer.ts";
import { serverBehind } from "../proxy/service-endpoint.ts";
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
    const endpoint = serverBehind(objects, random, { namespace, name, port: String(port) });
    return { protocol: "https:", ...endpoint, path, agent: this.#agentOf(service) };
  }

  /** GET as the server itself. @throws Error where there is no answer in time, or one that is too long */
  async get(service: APIService, path: string, accept: string): Promise<WholeAnswer> {
    const request = requestTo(this.backend(service, path), "GET", { accept, ...remoteHeaders(aggregator) });
    const answered = readAnswer(request, { clock: this.#options.clock, milliseconds: timeoutMilliseconds, bytes: longestAnswer });
    request.end();
    return answered;
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
    if (known && equal(known.spec, spec)) return known.agent;
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
