import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { badRequest, notFound } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { validateAdmission } from "../endpoints/admit.ts";
import type { ResourceContext } from "../endpoints/resource-context.ts";
import type { Backend } from "../proxy/backend.ts";
import { forward } from "../proxy/forward.ts";
import { serviceEndpoint } from "../proxy/service-endpoint.ts";
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
    const { parts, resource: { namespace } } = context;
    const { host, port } = serviceEndpoint(parts.objects, parts.random, { namespace, name: asked.name, port: asked.port });
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
