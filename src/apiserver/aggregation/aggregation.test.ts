import https from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { APIService } from "#api/apiregistration/api-service.ts";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import { Service } from "#api/core/service.ts";
import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { KindReference, New } from "#machinery/kind.ts";
import { expired, notFound } from "#machinery/status-error.ts";
import { define, widgets } from "../custom-resources/testing/definitions.ts";
import { type AccessServer, startAccessServer } from "../testing/access-server.ts";
import { type KeyPair, TestAuthority } from "../testing/certificates.ts";
import { HttpClient } from "../testing/http-client.ts";
import { putEndpoints } from "../testing/loopback-endpoints.ts";
import { WatchLog } from "../testing/watch-log.ts";

/** What reached the extension server. */
interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly raw: readonly string[];
  readonly by: string;
}

let authority: TestAuthority;
let serving: KeyPair;
let proxyClient: KeyPair;
let extension: https.Server;
let extensionPort: number;
let caBundle: string;
const asked: Asked[] = [];
let discoveryCode = 200;
/** Its aggregated discovery, where it has any. */
let ownDiscovery: object | undefined;

beforeAll(async () => {
  authority = await TestAuthority.create();
  const frontProxy = await TestAuthority.create();
  caBundle = btoa(authority.certificate);
  serving = await authority.issue("CN=apiserver");
  proxyClient = await frontProxy.issue("CN=front-proxy-client");
  const own = await authority.issue("CN=extension", "flunders.default.svc");
  extension = https.createServer({ cert: own.certificate, key: own.key, ca: frontProxy.certificate, requestCert: true }, (request, response) => {
    const peer = (request.socket as TLSSocket).authorized ? (request.socket as TLSSocket).getPeerX509Certificate()?.subject : undefined;
    asked.push({ url: request.url ?? "", headers: request.headers, raw: request.rawHeaders, by: peer ?? "nobody" });
    if (request.url === "/apis/wardle.example.com/v1") response.writeHead(discoveryCode, { "content-type": "application/json" }).end(JSON.stringify(resources));
    else if (request.url === "/openapi/v3") response.writeHead(200).end(JSON.stringify(openApi));
    else if (request.url === "/openapi/v2") response.writeHead(200).end(JSON.stringify(openApi2));
    else if (request.url?.endsWith("/flunders?watch=true")) watched(response);
    else if (request.url?.endsWith("/flunders/none")) response.writeHead(404).end(JSON.stringify(notFound({ group: "", resource: "flunders" }, "none").body));
    else if (request.url === "/apis" && ownDiscovery) response.writeHead(200, { "content-type": aggregatedType }).end(JSON.stringify(ownDiscovery));
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ kind: "FlunderList", method: request.method }));
  });
  extension.on("upgrade", (request, socket) => {
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: test\r\n\r\nhello ${String(request.headers["x-remote-user"])}`);
  });
  await new Promise<void>((resolve) => extension.listen(0, "127.0.0.1", resolve));
  extensionPort = (extension.address() as AddressInfo).port;
});

afterAll(() => {
  extension.closeAllConnections();
  extension.close();
});

const resources = {
  kind: "APIResourceList", apiVersion: "v1", groupVersion: "wardle.example.com/v1",
  resources: [{ name: "flunders", singularName: "flunder", namespaced: true, kind: "Flunder", verbs: ["get", "list"], shortNames: ["fl"] }],
};

const openApi = {
  paths: {
    "apis/wardle.example.com/v1": { serverRelativeURL: "/openapi/v3/apis/wardle.example.com/v1?hash=1" },
    "apis/other.example.com/v1": { serverRelativeURL: "/openapi/v3/apis/other.example.com/v1?hash=2" },
  },
};

const openApi2 = {
  paths: { "/apis/wardle.example.com/v1/flunders": { get: { schema: { $ref: "#/definitions/Flunder" } } }, "/apis/other.example.com/v1/others": {} },
  definitions: { Flunder: { type: "object", properties: { spec: { $ref: "#/definitions/FlunderSpec" } } }, FlunderSpec: { type: "object" }, Other: {} },
};

const flunder = (name: string) => ({ apiVersion: "wardle.example.com/v1", kind: "Flunder", metadata: { name, namespace: "a" } });

/** Two events, and then the watch is too old. */
function watched(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  for (const type of ["ADDED", "DELETED"]) response.write(`${JSON.stringify({ type, object: flunder("one") })}\n`);
  response.end(`${JSON.stringify({ type: "ERROR", object: expired("too old").body })}\n`);
}

let api: AccessServer;
let port: number;
let client: HttpClient;

beforeEach(async () => {
  discoveryCode = 200;
  ownDiscovery = undefined;
  asked.length = 0;
  api = await startAccessServer({ frontProxyClient: proxyClient });
  port = await api.server.listen({ addresses: ["127.0.0.1"], port: 0, ...serving, clientAuthorities: [authority.certificate] });
  client = new HttpClient({ port, authority: authority.certificate }).as(await authority.issue("CN=ann,O=system:masters"));
});

afterEach(() => api.close());

/** Resolves once the APIService is as wanted. */
async function serviceWhere(name: string, is: (service: APIService) => boolean): Promise<APIService> {
  const log = new WatchLog();
  const watch = api.of(APIService).watch("", { fieldSelector: `metadata.name=${name}` }, log);
  try {
    for (let count = 1; ; count++) {
      await log.count(count);
      const event = log.events[count - 1];
      if (event?.type !== "DELETED" && is(event?.object as unknown as APIService)) return event?.object as unknown as APIService;
    }
  } finally {
    watch.close();
  }
}

function available({ status }: APIService): { readonly status?: string; readonly reason?: string; readonly message?: string } {
  return status?.conditions?.find(({ type }) => type === "Available") ?? {};
}

const becomes = (reason: string) => serviceWhere("v1.wardle.example.com", (service) => available(service).reason === reason);

const apiService = (spec: New<APIService["spec"]> = {}): New<APIService> => ({
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.wardle.example.com" },
  spec: {
    group: "wardle.example.com", version: "v1", groupPriorityMinimum: 2000, versionPriority: 200, caBundle,
    service: { namespace: "default", name: "flunders", port: 443 }, ...spec,
  },
});

const service = (port = 443): New<Service> =>
  ({ apiVersion: "v1", kind: "Service", metadata: { namespace: "default", name: "flunders" }, spec: { ports: [{ port }] } });

const slice = (ready = true): New<EndpointSlice> => ({
  apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
  metadata: { namespace: "default", name: "flunders-1", labels: { "kubernetes.io/service-name": "flunders" } }, addressType: "IPv4",
  endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready } }], ports: [{ name: "", port: extensionPort }],
});

/** An extension server that is available. */
async function aggregated(spec: New<APIService["spec"]> = {}): Promise<void> {
  await api.of(Service).create(service());
  await putEndpoints(api, slice());
  await api.of(APIService).create(apiService(spec));
  await becomes("Passed");
}

test("every group version that is served has an APIService", async () => {
  const apps = await serviceWhere("v1.apps", () => true);
  expect(apps).toMatchObject({
    metadata: { labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" } },
    spec: { group: "apps", version: "v1", groupPriorityMinimum: 17_800, versionPriority: 15 },
  });
  expect(available(apps)).toMatchObject({ status: "True", reason: "Local", message: "Local APIServices are always available" });
  expect(await serviceWhere("v1.", () => true)).toMatchObject({ spec: { version: "v1", groupPriorityMinimum: 18_000, versionPriority: 1 } });
});

test("an APIService of a built-in group that is taken away stays away until the next start", async () => {
  const { metadata } = await serviceWhere("v1.apps", () => true);
  await api.of(APIService).delete("", "v1.apps");
  await define(api, widgets());
  await serviceWhere("v1.example.com", () => true);
  expect((await api.of(APIService).list("", { fieldSelector: `metadata.name=${metadata.name}` })).items).toEqual([]);
});

test("APIServices of custom resources come and go with their definitions, and come back when taken away", async () => {
  await define(api, widgets());
  const made = await serviceWhere("v1.example.com", () => true);
  expect(made).toMatchObject({
    metadata: { labels: { "kube-aggregator.kubernetes.io/automanaged": "true" } }, spec: { groupPriorityMinimum: 1000, versionPriority: 100 },
  });
  await api.of(APIService).delete("", "v1.example.com");
  const again = await serviceWhere("v1.example.com", ({ metadata }) => metadata.uid !== made.metadata.uid);
  const log = new WatchLog();
  api.of(APIService).watch("", { fieldSelector: "metadata.name=v1.example.com", resourceVersion: again.metadata.resourceVersion }, log);
  await api.of(CustomResourceDefinition).delete("", "widgets.example.com");
  await log.count(1);
  expect(log.lines).toEqual(["DELETED v1.example.com"]);
});

test("an APIService says what keeps its service from being asked", async () => {
  await api.of(APIService).create(apiService());
  expect(available(await becomes("ServiceNotFound"))).toMatchObject({ status: "False", message: 'service/flunders in "default" is not present' });
  const created = await api.of(Service).create(service(8443));
  expect(available(await becomes("ServicePortError")).message).toBe('service/flunders in "default" is not listening on port 443');
  await api.of(Service).update({ ...created, spec: { ...created.spec, ports: [{ port: 443 }] } } as never);
  expect(available(await becomes("EndpointsNotFound")).message).toBe('cannot find endpointslices for service/flunders in "default"');
  await putEndpoints(api, slice(false));
  expect(available(await becomes("MissingEndpoints")).message).toBe('endpointslices for service/flunders in "default" have no addresses with port name ""');
  discoveryCode = 500;
  await putEndpoints(api, slice());
  const url = `https://127.0.0.1:${extensionPort}/apis/wardle.example.com/v1`;
  expect(available(await becomes("FailedDiscoveryCheck")).message).toBe(`failing or missing response from ${url}: bad status from ${url}: 500`);
  expect(await client.request("GET", "/apis/wardle.example.com/v1/flunders")).toMatchObject({ code: 503, text: "service unavailable\n" });
  discoveryCode = 200;
  expect(available(await becomes("Passed"))).toMatchObject({ status: "True", message: "all checks passed" });
  expect(asked[0]).toMatchObject({ by: "CN=front-proxy-client", headers: { "x-remote-user": "system:kube-aggregator", "x-remote-group": "system:masters" } });
});

test("a server whose certificate nobody vouches for is not available, unless that does not matter", async () => {
  await api.of(Service).create(service());
  await putEndpoints(api, slice());
  const created = await api.of(APIService).create(apiService({ caBundle: btoa((await TestAuthority.create()).certificate) }));
  expect(available(await becomes("FailedDiscoveryCheck")).message).toMatch(/unable to verify|self.signed|signature/);
  await api.of(APIService).patch("", created.metadata.name, "application/merge-patch+json", { spec: { caBundle: null, insecureSkipTLSVerify: true } });
  await becomes("Passed");
});

test("requests are passed on with who asks, and without their credentials", async () => {
  await aggregated();
  const answer = await client.request("POST", "/apis/wardle.example.com/v1/namespaces/a/flunders?dryRun=All", {
    headers: { authorization: "Bearer secret", "x-remote-user": "root", "x-remote-extra-a": "b" }, body: "{}",
  });
  expect(answer).toMatchObject({ code: 200, text: '{"kind":"FlunderList","method":"POST"}' });
  const { url, headers, by } = asked.at(-1) as Asked;
  expect({ url, by, user: headers["x-remote-user"], groups: headers["x-remote-group"] }).toEqual({
    url: "/apis/wardle.example.com/v1/namespaces/a/flunders?dryRun=All", by: "CN=front-proxy-client", user: "ann",
    groups: "system:masters, system:authenticated",
  });
  expect(headers["authorization"]).toBeUndefined();
  expect(headers["x-remote-extra-a"]).toBeUndefined();
});

test("who may not ask here is not passed on", async () => {
  await aggregated();
  const before = asked.length;
  const refused = await client.as(await authority.issue("CN=bob")).request("GET", "/apis/wardle.example.com/v1/flunders");
  expect(refused).toMatchObject({ code: 403, text: expect.stringContaining('cannot list resource \\"flunders\\" in API group \\"wardle.example.com\\"') as string });
  expect(asked).toHaveLength(before);
});

const Flunders: KindReference = { group: "wardle.example.com", version: "v1", kind: "Flunder", plural: "flunders", namespaced: true };

test("callers within the process reach an extension server as they reach everything else", async () => {
  await aggregated();
  const resource = api.of(Flunders);
  expect(await resource.list("a")).toEqual({ kind: "FlunderList", method: "GET" });
  expect(await resource.create(flunder("one"))).toEqual({ kind: "FlunderList", method: "POST" });
  expect(asked.at(-1)).toMatchObject({ by: "CN=front-proxy-client", headers: { "content-type": "application/json", "x-remote-group": expect.stringContaining("system:masters") as string } });
  await expect(resource.get("a", "none")).rejects.toMatchObject({ code: 404, message: 'flunders "none" not found' });
  const log = new WatchLog();
  resource.watch("a", {}, log);
  expect(await log.over()).toMatchObject({ code: 410, reason: "Expired" });
  expect(log.lines).toEqual(["ADDED one", "DELETED one"]);
  await api.of(Service).delete("default", "flunders");
  await becomes("ServiceNotFound");
  await expect(resource.list("a")).rejects.toMatchObject({ code: 503 });
});

test("a service may be a name outside the cluster", async () => {
  await api.of(Service).create({ ...service(), spec: { type: "ExternalName", externalName: "localhost" } });
  await api.of(APIService).create(apiService({ service: { namespace: "default", name: "flunders", port: extensionPort } }));
  await becomes("Passed");
  expect(await client.get("/apis/wardle.example.com/v1/namespaces/a/flunders")).toMatchObject({ kind: "FlunderList" });
});

test("OpenAPI version 2 has what an extension server says of its group, and no more", async () => {
  await aggregated();
  const { paths, definitions } = await client.get<{ readonly paths: object; readonly definitions: object }>("/openapi/v2");
  expect(paths).toHaveProperty(["/apis/wardle.example.com/v1/flunders"]);
  expect(paths).not.toHaveProperty(["/apis/other.example.com/v1/others"]);
  expect(definitions).toMatchObject({ Flunder: openApi2.definitions.Flunder, FlunderSpec: { type: "object" } });
  expect(definitions).not.toHaveProperty("Other");
});

test("upgraded connections are joined with the extension server's", async () => {
  await aggregated();
  const ann = await authority.issue("CN=ann,O=system:masters");
  const text = await new Promise<string>((resolve, reject) => {
    const sent = https.request({
      host: "127.0.0.1", port, path: "/apis/wardle.example.com/v1/namespaces/a/flunders/x/attach", method: "POST", agent: false,
      ca: authority.certificate, cert: ann.certificate, key: ann.key, headers: { connection: "Upgrade", upgrade: "test" },
    });
    sent.on("error", reject);
    sent.on("upgrade", (_answer, socket, head: Buffer) => {
      let received = head.toString("utf8");
      socket.on("data", (chunk: Buffer) => (received += chunk.toString("utf8")));
      socket.on("end", () => resolve(received));
    });
    sent.end();
  });
  expect(text).toBe("hello ann");
});

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface Aggregated {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly versions: readonly unknown[] }[];
}

const flunders = { resource: "flunders", responseKind: { group: "wardle.example.com", version: "v1", kind: "Flunder" }, scope: "Namespaced" };

test("discovery tells of aggregated groups, in the order of their priorities", async () => {
  await define(api, widgets());
  await aggregated();
  const { groups } = await client.get<{ readonly groups: readonly { readonly name: string }[] }>("/apis");
  expect(groups.map(({ name }) => name).filter((name) => name.endsWith("example.com"))).toEqual(["wardle.example.com", "example.com"]);
  expect(await client.get("/apis/wardle.example.com")).toMatchObject({ kind: "APIGroup", preferredVersion: { groupVersion: "wardle.example.com/v1" } });
  expect(await client.get("/apis/wardle.example.com/v1")).toEqual(resources);
  const find = async (): Promise<unknown> =>
    (await client.get<Aggregated>("/apis", aggregatedType)).items.find(({ metadata }) => metadata.name === "wardle.example.com")?.versions;
  expect(await find()).toMatchObject([{
    version: "v1", freshness: "Current", resources: [{ ...flunders, singularResource: "flunder", verbs: ["get", "list"], shortNames: ["fl"] }],
  }]);
  await api.of(Service).delete("default", "flunders");
  await becomes("ServiceNotFound");
  expect(await find()).toMatchObject([{ version: "v1", freshness: "Stale", resources: [flunders] }]);
  await api.of(APIService).delete("", "v1.wardle.example.com");
  expect(await find()).toBeUndefined();
});

test("what an extension server says in its own aggregated discovery is told as it is", async () => {
  const resource = { ...flunders, verbs: ["watch"], subresources: [{ subresource: "status", verbs: ["get"] }] };
  ownDiscovery = { items: [{ metadata: { name: "wardle.example.com" }, versions: [{ version: "v1", resources: [resource] }] }] };
  await aggregated();
  const { items } = await client.get<Aggregated>("/apis", aggregatedType);
  expect(items.find(({ metadata }) => metadata.name === "wardle.example.com")?.versions).toEqual([{ version: "v1", freshness: "Current", resources: [resource] }]);
});

test("OpenAPI lists where aggregated groups are described, and leads there", async () => {
  await aggregated();
  const { paths } = await client.get<{ readonly paths: { readonly [path: string]: { readonly serverRelativeURL: string } } }>("/openapi/v3");
  expect(paths["apis/wardle.example.com/v1"]).toEqual(openApi.paths["apis/wardle.example.com/v1"]);
  expect(paths["apis/other.example.com/v1"]).toBeUndefined();
  expect(paths["apis/apps/v1"]).toBeDefined();
  await client.get(paths["apis/wardle.example.com/v1"]?.serverRelativeURL ?? "");
  expect(asked.at(-1)).toMatchObject({ url: "/openapi/v3/apis/wardle.example.com/v1?hash=1", headers: { "x-remote-user": "ann" } });
});

test("what is served here stays here", async () => {
  await serviceWhere("v1.apps", () => true);
  await api.of(APIService).patch("", "v1.apps", "application/merge-patch+json", { spec: { service: { namespace: "default", name: "flunders" } } });
  expect(await client.get("/apis/apps/v1/deployments")).toMatchObject({ kind: "DeploymentList" });
});
