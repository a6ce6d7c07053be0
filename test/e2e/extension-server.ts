import https from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { TestAuthority } from "#apiserver/testing/certificates.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import { notFound } from "#machinery/status-error.ts";

const group = "wardle.example.com";
const root = `/apis/${group}/v1`;

const flunder = {
  type: "object", description: "A flunder, for nothing.", "x-kubernetes-group-version-kind": [{ group, version: "v1", kind: "Flunder" }],
  properties: {
    apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" }, spec: { type: "object", description: "Its wishes." },
  },
};
const operation = {
  "x-kubernetes-action": "post", "x-kubernetes-group-version-kind": { group, version: "v1", kind: "Flunder" },
  responses: { 200: { description: "OK" } },
};
const verbs = ["create", "delete", "get", "list", "watch"];

const flunders = /^\/apis\/wardle\.example\.com\/v1\/(?:namespaces\/([^/]+)\/)?flunders(?:\/([^/]+))?$/;

/** What is answered as it is, by path. */
const documents: { readonly [path: string]: object } = {
  [root]: {
    kind: "APIResourceList", apiVersion: "v1", groupVersion: `${group}/v1`,
    resources: [{ name: "flunders", singularName: "flunder", namespaced: true, kind: "Flunder", verbs, shortNames: ["fl"] }],
  },
  "/openapi/v3": { paths: { [root.slice(1)]: { serverRelativeURL: `/openapi/v3${root}?hash=1` } } },
  [`/openapi/v3${root}`]: {
    openapi: "3.0.0", info: { title: "Flunders", version: "1" }, paths: { [`${root}/namespaces/{namespace}/flunders`]: { post: operation } },
    components: { schemas: { "com.example.wardle.v1.Flunder": flunder } },
  },
  "/openapi/v2": {
    swagger: "2.0", info: { title: "Flunders", version: "1" },
    paths: { [`${root}/namespaces/{namespace}/flunders`]: {
      post: { ...operation, parameters: [{ in: "body", name: "body", schema: { $ref: "#/definitions/com.example.wardle.v1.Flunder" } }] },
    } },
    definitions: { "com.example.wardle.v1.Flunder": flunder },
  },
};

/** An API server of one kind, kept in memory. It believes the cluster's front proxy about who asks, and nobody else. */
export class ExtensionServer {
  readonly #server: https.Server;
  readonly #objects = new Map<string, Draft<KubeObject>>();
  readonly #watches = new Set<ServerResponse>();
  #revision = 1;
  /** Who has asked. */
  readonly users = new Set<string>();
  /** For the APIService. */
  readonly caBundle: string;

  private constructor(server: https.Server, caBundle: string) {
    this.#server = server;
    this.caBundle = caBundle;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response));
  }

  /** @param frontProxyAuthority PEM, as the ConfigMap extension-apiserver-authentication has it */
  static async start(frontProxyAuthority: string, ...names: readonly string[]): Promise<ExtensionServer> {
    const authority = await TestAuthority.create();
    const { certificate, key } = await authority.issue("CN=wardle", ...names);
    const server = https.createServer({ cert: certificate, key, ca: frontProxyAuthority, requestCert: true, rejectUnauthorized: false });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new ExtensionServer(server, btoa(authority.certificate));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get names(): readonly string[] {
    return [...this.#objects.keys()];
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(request.socket as TLSSocket).authorized) return void response.writeHead(401).end();
    this.users.add(String(request.headers["x-remote-user"]));
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://localhost");
    const document = documents[pathname];
    if (document) return send(response, 200, document);
    const [, namespace = "", name = ""] = flunders.exec(pathname) ?? [];
    if (request.method === "POST") return send(response, 201, this.#create(namespace, JSON.parse(await text(request)) as Draft<KubeObject>));
    if (searchParams.has("watch")) return this.#watch(response);
    if (request.method === "GET" && name === "") return send(response, 200, this.#list(namespace));
    const found = this.#objects.get(`${namespace}/${name}`);
    if (!found) return send(response, 404, notFound({ group, resource: "flunders" }, name).body);
    if (request.method === "DELETE") this.#delete(`${namespace}/${name}`, found);
    send(response, 200, found);
  }

  #create(namespace: string, object: Draft<KubeObject>): KubeObject {
    const { name } = object.metadata;
    const creationTimestamp = "2026-01-01T00:00:00Z";
    const given = { namespace, uid: `${namespace}-${name}-${this.#revision}`, resourceVersion: String(++this.#revision), creationTimestamp };
    object.metadata = { ...object.metadata, ...given };
    this.#objects.set(`${namespace}/${name}`, object);
    this.#tell("ADDED", object);
    return object as KubeObject;
  }

  #delete(key: string, object: Draft<KubeObject>): void {
    this.#objects.delete(key);
    this.#revision++;
    this.#tell("DELETED", object);
  }

  #list(namespace: string): object {
    const items = [...this.#objects.values()].filter(({ metadata }) => namespace === "" || metadata.namespace === namespace);
    return { apiVersion: `${group}/v1`, kind: "FlunderList", metadata: { resourceVersion: String(this.#revision) }, items };
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    this.#watches.add(response);
    response.on("close", () => this.#watches.delete(response));
  }

  #tell(type: string, object: object): void {
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}
