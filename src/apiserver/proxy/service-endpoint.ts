import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Random } from "#machinery/random.ts";
import { notFound, serviceUnavailable, StatusError } from "#machinery/status-error.ts";
import type { Objects } from "../request.ts";

export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** Name or number of the service's port; "" for the only one. */
  readonly port: string;
}

/** Where a server that the cluster itself asks is to be found: as `serviceEndpoint`, or at the external name of a service. */
export function serverBehind(objects: Objects, random: Random, { namespace, name, port }: ServicePort): { host: string; port: number } {
  const { type, externalName } = objects.get(Service, namespace, name)?.spec ?? {};
  if (type === "ExternalName" && externalName) return { host: externalName, port: Number(port) };
  return serviceEndpoint(objects, random, { namespace, name, port });
}

/** One of the ready endpoints behind a service. @throws StatusError (404, 503) */
export function serviceEndpoint(objects: Objects, random: Random, { namespace, name, port }: ServicePort): { host: string; port: number } {
  const service = objects.get(Service, namespace, name);
  if (!service) throw notFound(Service.resource, name);
  const ports = service.spec.ports ?? [];
  const wanted = port === "" ? (ports.length === 1 ? ports[0] : undefined) : ports.find((each) => each.name === port || String(each.port) === port);
  if (!wanted) throw serviceUnavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  const slices = objects.list(EndpointSlice, namespace).filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  const candidates = slices.flatMap((slice) => {
    const number = slice.ports?.find((each) => (each.name ?? "") === (wanted.name ?? ""))?.port;
    const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return number === undefined ? [] : ready.flatMap(({ addresses }) => (addresses[0] === undefined ? [] : [{ host: addresses[0], port: number }]));
  });
  const chosen = candidates[random.integer(Math.max(1, candidates.length))];
  if (chosen) return chosen;
  throw new StatusError({ code: 503, reason: "ServiceUnavailable", message: `no endpoints available for service ${JSON.stringify(name)}` });
}
