import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { badRequest, notFound, serviceUnavailable, StatusError } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { validateAdmission } from "../endpoints/admit.ts";
import type { ResourceContext } from "../endpoints/resource-context.ts";
import type { Backend } from "../proxy/backend.ts";
import { forward } from "../proxy/forward.ts";
import { kubeletAddressOf } from "../proxy/node-address.ts";
import { parseProxiedName, type ProxiedName } from "./proxied-name.ts";

/** Any method on `nodes/NAME/proxy/…`: the node's kubelet. */
export async function proxyNode(context: ResourceContext): Promise<Answer> {
  return proxied(context, ({ name, port }, path) => {
    const node = context.parts.objects.get(Node, "", name);
    if (!node) throw notFound(Node.resource, name);
    const kubelet = kubeletAddressOf(node);
    return context.parts.backends.kubelet(kubelet.host, port === "" ? kubelet.port : portOf(port), path);
  });
}

/** Any method on `pods/NAME/proxy/…`: the pod's own address, at its first port where none is named. */
export async function proxyPod(context: ResourceContext): Promise<Answer> {
  return proxied(context, ({ protocol = "http:", name, port }, path) => {
    const pod = context.parts.objects.get(Pod, context.resource.namespace, name);
    if (!pod) throw notFound(Pod.resource, name);
    const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
    const number = port === "" ? (ports[0]?.containerPort ?? 80) : (ports.find((each) => each.name === port)?.containerPort ?? portOf(port));
    if (!pod.status.podIP) throw badRequest("address not allowed");
    return context.parts.backends.pod(protocol, pod.status.podIP, number, path);
  });
}

/** Any method on `services/NAME/proxy/…`: one of the ready endpoints behind the service. */
export async function proxyService(context: ResourceContext): Promise<Answer> {
  return proxied(context, (asked, path) => {
    const { host, port } = endpointOf(context, asked);
    return context.parts.backends.pod(asked.protocol ?? "http:", host, port, path);
  });
}

async function proxied(context: ResourceContext, backendOf: (name: ProxiedName, path: string) => Backend): Promise<Answer> {
  const { resource, info, request } = context;
  const asked = parseProxiedName(resource.name);
  await validateAdmission(context, { operation: "CONNECT", name: asked.name });
  const query = request.query.toString();
  const path = `/${resource.rest ?? ""}${query === "" ? "" : `?${query}`}`;
  const publicPath = info.path.slice(0, info.path.length - (resource.rest ?? "").length).replace(/\/$/, "");
  // A browser resolves what it is given against the folder: without the slash, that would be the wrong one.
  if (resource.rest === undefined && (request.method === "GET" || request.method === "HEAD")) {
    const location = `${publicPath}/${query === "" ? "" : `?${query}`}`;
    return { is: "bytes", code: 301, headers: { location, "content-type": "text/plain" }, body: "" };
  }
  return forward(backendOf(asked, path), { publicPath });
}

/** @throws StatusError (400) */
function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw badRequest(`invalid port ${JSON.stringify(text)}`);
  return port;
}

function endpointOf({ parts, resource: { namespace } }: ResourceContext, { name, port }: ProxiedName): { host: string; port: number } {
  const service = parts.objects.get(Service, namespace, name);
  if (!service) throw notFound(Service.resource, name);
  const ports = service.spec.ports ?? [];
  const wanted = port === "" ? (ports.length === 1 ? ports[0] : undefined) : ports.find((each) => each.name === port || String(each.port) === port);
  if (!wanted) throw serviceUnavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  const slices = parts.objects.list(EndpointSlice, namespace).filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  const candidates = slices.flatMap((slice) => {
    const number = slice.ports?.find((each) => (each.name ?? "") === (wanted.name ?? ""))?.port;
    const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return number === undefined ? [] : ready.flatMap(({ addresses }) => (addresses[0] === undefined ? [] : [{ host: addresses[0], port: number }]));
  });
  const chosen = candidates[parts.random.integer(Math.max(1, candidates.length))];
  if (!chosen) {
    throw new StatusError({ code: 503, reason: "ServiceUnavailable", message: `no endpoints available for service ${JSON.stringify(name)}` });
  }
  return chosen;
}
