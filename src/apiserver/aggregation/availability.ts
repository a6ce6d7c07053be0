import type { APIService } from "#api/apiregistration/api-service.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Objects } from "../request.ts";

/** What the condition Available says (API reference: apiregistration/v1 APIServiceCondition). */
export interface Availability {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** Of what this server serves itself. */
export const locally: Availability = { status: "True", reason: "Local", message: "Local APIServices are always available" };

export const passed: Availability = { status: "True", reason: "Passed", message: "all checks passed" };

export function failedDiscovery(message: string): Availability {
  return { status: "False", reason: "FailedDiscoveryCheck", message };
}

export function isAvailable({ status }: APIService): boolean {
  return status.conditions?.some((condition) => condition.type === "Available" && condition.status === "True") === true;
}

/** The APIService itself where it says so already. @param now RFC 3339 */
export function withAvailability(service: APIService, availability: Availability, now: string): APIService {
  const { conditions = [] } = service.status;
  const old = conditions.find(({ type }) => type === "Available");
  const { status, reason, message } = availability;
  if (old?.status === status && old.reason === reason && old.message === message) return service;
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
  const next = { type: "Available", status, lastTransitionTime, reason, message };
  const all = old ? conditions.map((each) => (each === old ? next : each)) : [...conditions, next];
  return { ...service, status: { ...service.status, conditions: all } };
}

/** Why a service cannot even be asked; `undefined` where it can. */
export function obstacleOf({ spec }: APIService, objects: Objects): Availability | undefined {
  const { namespace = "", name = "", port: number = 443 } = spec.service ?? {};
  const missing = (reason: string, message: string): Availability => ({ status: "False", reason, message });
  const within = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = objects.get(Service, namespace, name);
  if (!service) return missing("ServiceNotFound", `${within} is not present`);
  // A service of another type is reached by its name: what it listens on is not known here.
  if ((service.spec.type ?? "ClusterIP") !== "ClusterIP") return undefined;
  const port = service.spec.ports?.find((each) => each.port === number);
  if (!port) return missing("ServicePortError", `${within} is not listening on port ${number}`);
  const slices = objects.list(EndpointSlice, namespace).filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  if (slices.length === 0) return missing("EndpointsNotFound", `cannot find endpointslices for ${within}`);
  const portName = port.name ?? "";
  const isActive = slices.some(({ endpoints, ports }) =>
    (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) && ports?.some((each) => (each.name ?? "") === portName));
  if (isActive) return undefined;
  return missing("MissingEndpoints", `endpointslices for ${within} have no addresses with port name ${JSON.stringify(portName)}`);
}
