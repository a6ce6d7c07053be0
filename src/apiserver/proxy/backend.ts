import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";

/** Where a request is passed on to. */
export interface Backend {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly agent?: http.Agent;
}

export interface KubeletCredentials {
  /** PEM of the certificate that kubelets know the API server by, and its key. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of who signs kubelets' serving certificates; they are not checked when absent. */
  readonly certificateAuthority?: string;
}

/** Kubelets in the API server's own process, which are reached without a port. */
export interface LocalKubelets {
  /** @param host the node's address @returns a new connection; `undefined` where the node is not one of these */
  connect(host: string): Duplex | undefined;
}

/** The connections to backends that are kept for the next request. */
export class BackendConnections {
  readonly #local: LocalKubelets | undefined;
  readonly #kubelet: https.Agent;
  readonly #plain = new http.Agent({ keepAlive: true, maxFreeSockets: 32 });
  readonly #encrypted = new https.Agent({ keepAlive: true, maxFreeSockets: 32, rejectUnauthorized: false });

  constructor(credentials: KubeletCredentials | undefined, local?: LocalKubelets) {
    this.#local = local;
    this.#kubelet = new https.Agent({
      keepAlive: true, maxFreeSockets: 32, rejectUnauthorized: credentials?.certificateAuthority !== undefined,
      ...(credentials ? { cert: credentials.certificate, key: credentials.key } : {}),
      ...(credentials?.certificateAuthority === undefined ? {} : { ca: credentials.certificateAuthority }),
    });
  }

  /** A kubelet, which is shown the API server's certificate. */
  kubelet(host: string, port: number, path: string): Backend {
    const connection = this.#local?.connect(host);
    if (connection) return { protocol: "http:", host, port, path, agent: new OneConnection(connection) };
    return { protocol: "https:", host, port, path, agent: this.#kubelet };
  }

  /** A pod, whose certificate nobody knows. */
  pod(protocol: "http:" | "https:", host: string, port: number, path: string): Backend {
    return { protocol, host, port, path, agent: protocol === "https:" ? this.#encrypted : this.#plain };
  }

  close(): void {
    for (const agent of [this.#kubelet, this.#plain, this.#encrypted]) agent.destroy();
  }
}

/** Hands out a connection that is there already. */
class OneConnection extends http.Agent {
  readonly #connection: Duplex;

  constructor(connection: Duplex) {
    super();
    this.#connection = connection;
  }

  override createConnection(): Duplex {
    return this.#connection;
  }
}

/** Opens a request to the backend; its body is still to be written. */
export function requestTo(backend: Backend, method: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
  const { protocol, host, port, path, agent } = backend;
  const open = protocol === "https:" ? https.request : http.request;
  return open({ host, port, path, method, headers, agent });
}
