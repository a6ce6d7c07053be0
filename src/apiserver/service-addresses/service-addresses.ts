import { Service } from "#api/core/service.ts";
import { invalidValue } from "#machinery/field-errors.ts";
import { formatIp, type IpRange, parseIp } from "#machinery/ip.ts";
import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";
import type { Random } from "#machinery/random.ts";
import { internalError, invalid, type StatusCause } from "#machinery/status-error.ts";
import type { Allocator } from "../allocator.ts";
import type { Objects } from "../request.ts";
import { AddressPools } from "./address-pools.ts";
import { PortPool, type PortRange } from "./port-pool.ts";
import {
  alignClusterAddresses, dropUnneeded, hasClusterAddress, hasNodePorts, isHeadless, keepAllocated, needsHealthCheckPort,
} from "./service-fields.ts";

export interface ServiceAddressOptions {
  readonly objects: Objects;
  readonly random: Random;
  /** One for each family, the primary family first. */
  readonly clusterRanges: readonly IpRange[];
  readonly nodePorts: PortRange;
}

/**
 * Gives services their cluster addresses and node ports. What is taken is read from the stored services, at the start and with
 * every change, so nothing can get lost or stay behind: there is no second record of it.
 */
export class ServiceAddresses implements Allocator {
  readonly #pools: AddressPools;
  readonly #ports: PortPool;

  constructor({ objects, random, clusterRanges, nodePorts }: ServiceAddressOptions) {
    this.#pools = new AddressPools(clusterRanges, objects, random);
    this.#ports = new PortPool(nodePorts, random);
    objects.subscribe(Service, (after, before) => this.#observe(after, before));
    for (const service of objects.list(Service, "")) this.#observe(service, undefined);
  }

  handles(kind: Kind): boolean {
    return kind.group === Service.group && kind.plural === Service.plural;
  }

  allocate(draft: Draft<KubeObject>, old: KubeObject | undefined): () => void {
    return new ServiceAllocation(this.#pools, this.#ports, draft as Draft<Service>, old as Service | undefined).run();
  }

  #observe(after: Service | undefined, before: Service | undefined): void {
    if (before) {
      const owner = ownerOf(before);
      for (const address of addressesOf(before)) this.#pools.disown(address, owner);
      for (const port of nodePortsOf(before)) this.#ports.claims.disown(port, owner);
    }
    if (after) {
      const owner = ownerOf(after);
      for (const address of addressesOf(after)) this.#pools.own(address, owner);
      for (const port of nodePortsOf(after)) this.#ports.claims.own(port, owner);
    }
  }
}

function ownerOf({ metadata: { namespace, name } }: { readonly metadata: { readonly namespace?: string; readonly name?: string } }): string {
  return `${namespace ?? ""}/${name ?? ""}`;
}

function addressesOf({ spec }: Service): readonly string[] {
  const written = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  return written.flatMap((text) => {
    const address = parseIp(text);
    return address ? [formatIp(address)] : [];
  });
}

function nodePortsOf({ spec }: Service): readonly number[] {
  const ports = (spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
  return spec.healthCheckNodePort ? [...ports, spec.healthCheckNodePort] : ports;
}

/** One write of a service. */
class ServiceAllocation {
  readonly #pools: AddressPools;
  readonly #ports: PortPool;
  readonly #service: Draft<Service>;
  readonly #old: Service | undefined;
  readonly #owner: string;
  readonly #undo: (() => void)[] = [];
  /** Of this write: ports of the same number for several protocols share a node port. */
  readonly #reserved = new Set<number>();

  constructor(pools: AddressPools, ports: PortPool, service: Draft<Service>, old: Service | undefined) {
    this.#pools = pools;
    this.#ports = ports;
    this.#service = service;
    this.#old = old;
    this.#owner = ownerOf(service);
  }

  run(): () => void {
    const { spec } = this.#service;
    const settle = (): void => {
      for (const undo of this.#undo) undo();
    };
    try {
      alignClusterAddresses(spec, this.#old?.spec);
      if (this.#old) {
        keepAllocated(spec, this.#old.spec);
        dropUnneeded(spec, this.#old.spec);
      }
      if (hasClusterAddress(spec)) this.#allocateAddresses();
      this.#allocatePorts();
      return settle;
    } catch (error) {
      settle();
      throw error;
    }
  }

  #allocateAddresses(): void {
    const { spec } = this.#service;
    const families = this.#families();
    spec.ipFamilies = families.map((family) => `IPv${family}`);
    spec.ipFamilyPolicy ??= "SingleStack";
    if (isHeadless(spec)) {
      spec.clusterIP = "None";
      spec.clusterIPs = ["None"];
      return;
    }
    const own = new Set(this.#old && hasClusterAddress(this.#old.spec) ? addressesOf(this.#old) : []);
    spec.clusterIPs = families.map((family, index) => this.#address(family, spec.clusterIPs?.[index], own));
    spec.clusterIP = spec.clusterIPs[0];
  }

  /** The families that the service asks for, as far as the cluster has them. */
  #families(): readonly (4 | 6)[] {
    const { spec } = this.#service;
    const known = this.#pools.families;
    const asked = (spec.ipFamilies ?? []).map((family) => (family === "IPv6" ? 6 : 4));
    const written = (spec.clusterIPs ?? []).flatMap((text) => parseIp(text)?.family ?? []);
    const first = asked[0] ?? written[0] ?? known[0] ?? 4;
    if (!known.includes(first)) this.#refuse("spec.ipFamilies[0]", `IPv${first}`, "not configured on this cluster");
    const wantsBoth = spec.ipFamilyPolicy === "PreferDualStack" || spec.ipFamilyPolicy === "RequireDualStack" || asked.length > 1;
    if (spec.ipFamilyPolicy === "RequireDualStack" && known.length < 2) {
      this.#refuse("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services");
    }
    const second = known.find((family) => family !== first);
    return wantsBoth && second !== undefined ? [first, second] : [first];
  }

  #address(family: 4 | 6, wanted: string | undefined, own: ReadonlySet<string>): string {
    if (wanted !== undefined && own.has(wanted)) return wanted;
    if (wanted) {
      const problem = this.#pools.reserve(wanted, family, this.#owner);
      if (problem !== undefined) this.#refuse("spec.clusterIPs", [wanted], `failed to allocate IP ${wanted}: ${problem}`);
      this.#undo.push(() => this.#pools.settle(wanted));
      return wanted;
    }
    const given = this.#pools.reserveAny(family, this.#owner);
    if (given === undefined) throw internalError("failed to allocate a serviceIP: range is full");
    this.#undo.push(() => this.#pools.settle(given));
    return given;
  }

  #allocatePorts(): void {
    const { spec } = this.#service;
    const own = new Set(this.#old ? nodePortsOf(this.#old) : []);
    const shared = new Map<number, number>();
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (port.nodePort) this.#port(port.nodePort, own, `spec.ports[${index}].nodePort`);
      else if (hasNodePorts(spec)) port.nodePort = shared.get(port.port) ?? this.#anyPort();
      if (port.nodePort) shared.set(port.port, port.nodePort);
    }
    if (!needsHealthCheckPort(spec)) return;
    if (spec.healthCheckNodePort) this.#port(spec.healthCheckNodePort, own, "spec.healthCheckNodePort");
    else spec.healthCheckNodePort = this.#anyPort();
  }

  #port(port: number, own: ReadonlySet<number>, field: string): void {
    if (own.has(port) || this.#reserved.has(port)) return;
    const problem = this.#ports.reserve(port, this.#owner);
    if (problem !== undefined) this.#refuse(field, port, problem);
    this.#keepReserved(port);
  }

  #anyPort(): number {
    const port = this.#ports.reserveAny(this.#owner);
    if (port === undefined) throw internalError("failed to allocate a nodePort: range is full");
    this.#keepReserved(port);
    return port;
  }

  #keepReserved(port: number): void {
    this.#reserved.add(port);
    this.#undo.push(() => this.#ports.claims.settle(port));
  }

  #refuse(field: string, value: unknown, why: string): never {
    const shown = Array.isArray(value) ? `[]string{${value.map((each) => JSON.stringify(each)).join(", ")}}` : undefined;
    const cause: StatusCause = shown === undefined
      ? invalidValue(field, value, why)
      : { field, reason: "FieldValueInvalid", message: `Invalid value: ${shown}: ${why}` };
    throw invalid({ group: "", resource: "Service" }, this.#service.metadata.name ?? "", [cause]);
  }
}
