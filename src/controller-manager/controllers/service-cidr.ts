import type { Condition } from "#api/generated/meta-v1.ts";
import { IPAddress } from "#api/networking/ip-address.ts";
import { ServiceCIDR } from "#api/networking/service-cidr.ts";
import { contains, parseCidr, parseIp } from "#machinery/ip.ts";
import { formatTime } from "#machinery/time.ts";
import type { Caches, Controller, Outcome } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { update, updateStatus } from "../writes.ts";

const finalizer = "networking.k8s.io/service-cidr-finalizer";

interface World {
  /** Whether addresses of it are in use that no other range has. */
  readonly isUsed: boolean;
}

/** Says that ranges for services can be used, and keeps those whose addresses are in use from going away (KEP-1880). */
export const serviceCidrController: Controller<ServiceCIDR, World> = {
  name: "service-cidrs-controller",
  permissions: [
    allow("get list watch patch update", "networking.k8s.io", "servicecidrs"),
    allow("patch update", "networking.k8s.io", "servicecidrs/finalizers servicecidrs/status"),
    allow("get list watch", "networking.k8s.io", "ipaddresses"),
  ],
  kind: ServiceCIDR,
  watches: [{ kind: IPAddress, keys: (_address, caches) => leaving(caches) }, { kind: ServiceCIDR, keys: (_range, caches) => leaving(caches) }],
  observe: (range, caches) => ({ isUsed: range.metadata.deletionTimestamp !== undefined && isUsed(range, caches) }),
  reconcile(range, { isUsed: used }, now): Outcome {
    const { finalizers = [], deletionTimestamp } = range.metadata;
    if (deletionTimestamp === undefined) {
      if (!finalizers.includes(finalizer)) return { writes: [update(ServiceCIDR, withFinalizers(range, [...finalizers, finalizer]))] };
      return told(range, { status: "True", reason: "", message: "Kubernetes Service CIDR is ready" }, now);
    }
    if (!finalizers.includes(finalizer)) return {};
    if (!used) return { writes: [update(ServiceCIDR, withFinalizers(range, finalizers.filter((each) => each !== finalizer)))] };
    const message = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
    return told(range, { status: "False", reason: "Terminating", message }, now);
  },
};

export const serviceCidr = defineController(serviceCidrController);

/** Ranges that wait for their end. */
function leaving(caches: Caches): string[] {
  const ranges = [...caches.of(ServiceCIDR).list()].filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  return ranges.map(({ metadata }) => keyOf("", metadata.name));
}

function isUsed({ metadata: { name }, spec }: ServiceCIDR, caches: Caches): boolean {
  const rangesOf = ({ cidrs = [] }: ServiceCIDR["spec"]) => cidrs.flatMap((cidr) => parseCidr(cidr) ?? []);
  const staying = [...caches.of(ServiceCIDR).list()].filter(({ metadata }) => metadata.name !== name && metadata.deletionTimestamp === undefined);
  const [own, others] = [rangesOf(spec), staying.flatMap((range) => rangesOf(range.spec))];
  return [...caches.of(IPAddress).list()].some(({ metadata }) => {
    const address = parseIp(metadata.name);
    return address !== undefined && own.some((range) => contains(range, address)) && !others.some((range) => contains(range, address));
  });
}

function withFinalizers(range: ServiceCIDR, finalizers: readonly string[]): ServiceCIDR {
  return { ...range, metadata: { ...range.metadata, finalizers } };
}

/** Says whether it is ready, where that is not said already. */
function told(range: ServiceCIDR, ready: Pick<Condition, "status" | "reason" | "message">, now: number): Outcome {
  const { conditions = [] } = range.status;
  const before = conditions.find(({ type }) => type === "Ready");
  if (before?.status === ready.status) return {};
  const condition: Condition = { type: "Ready", ...ready, lastTransitionTime: formatTime(now) };
  const others = conditions.filter(({ type }) => type !== "Ready");
  return { writes: [updateStatus(ServiceCIDR, { ...range, status: { conditions: [...others, condition] } })] };
}
