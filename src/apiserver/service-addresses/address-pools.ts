import { IPAddress } from "#api/networking/ip-address.ts";
import { ServiceCIDR } from "#api/networking/service-cidr.ts";
import { contains, formatCidr, formatIp, type IpAddress, type IpRange, parseCidr, parseIp } from "#machinery/ip.ts";
import type { Random } from "#machinery/random.ts";
import type { Objects } from "../request.ts";
import { AddressPool } from "./address-pool.ts";

/** Who has an address, as pools know it. */
type Owned = ReadonlyMap<string, string>;

/**
 * The ranges that services get their addresses of: those of the server itself, and those of the ServiceCIDRs that are ready. An address
 * is taken when a service has it, or an IPAddress says that something else does (KEP-1880).
 */
export class AddressPools {
  readonly #own: readonly IpRange[];
  readonly #objects: Objects;
  readonly #random: Random;
  readonly #owners = new Map<string, string>();
  #pools: readonly AddressPool[];

  constructor(own: readonly IpRange[], objects: Objects, random: Random) {
    this.#own = own;
    this.#objects = objects;
    this.#random = random;
    this.#pools = own.map((range) => new AddressPool(range, random));
    objects.subscribe(ServiceCIDR, () => this.#follow());
    objects.subscribe(IPAddress, (after, before) => {
      if (before) this.disown(before.metadata.name, ownerOf(before));
      if (after) this.own(after.metadata.name, ownerOf(after));
    });
    for (const address of objects.list(IPAddress, "")) this.own(address.metadata.name, ownerOf(address));
    this.#follow();
  }

  /** The families that services can have, the primary one first. */
  get families(): readonly (4 | 6)[] {
    return [...new Set(this.#pools.map(({ range }) => range.family))];
  }

  own(address: string, owner: string): void {
    this.#owners.set(address, owner);
    this.#poolOf(address)?.claims.own(address, owner);
  }

  disown(address: string, owner: string): void {
    if (this.#owners.get(address) !== owner) return;
    this.#owners.delete(address);
    this.#poolOf(address)?.claims.disown(address, owner);
  }

  /** Reserves this very address. @returns what is wrong */
  reserve(text: string, family: 4 | 6, owner: string): string | undefined {
    const pool = this.#poolOf(text) ?? this.#pools.find(({ range }) => range.family === family);
    return pool ? pool.reserve(text, owner) : `no range of family IPv${family}`;
  }

  /** Reserves any address; `undefined` where none is left. */
  reserveAny(family: 4 | 6, owner: string): string | undefined {
    for (const pool of this.#pools) {
      const given = pool.range.family === family ? pool.reserveAny(owner) : undefined;
      if (given !== undefined) return given;
    }
    return undefined;
  }

  /** The write that reserved it is over. */
  settle(address: string): void {
    this.#poolOf(address)?.claims.settle(address);
  }

  #poolOf(text: string): AddressPool | undefined {
    const address = parseIp(text);
    return address && this.#pools.find(({ range }) => contains(range, address));
  }

  /** Ranges come and go; one that stays keeps what is reserved in it. */
  #follow(): void {
    const known = new Map(this.#pools.map((pool) => [formatCidr(pool.range), pool]));
    const ranges = new Map([...this.#own, ...this.#objects.list(ServiceCIDR, "").flatMap(readyRanges)].map((range) => [formatCidr(range), range]));
    this.#pools = [...ranges].map(([text, range]) => known.get(text) ?? newPool(range, this.#random, this.#owners));
  }
}

function newPool(range: IpRange, random: Random, owners: Owned): AddressPool {
  const pool = new AddressPool(range, random);
  for (const [text, owner] of owners) {
    const address: IpAddress | undefined = parseIp(text);
    if (address && contains(range, address)) pool.claims.own(formatIp(address), owner);
  }
  return pool;
}

function readyRanges({ metadata, spec: { cidrs = [] }, status: { conditions = [] } }: ServiceCIDR): readonly IpRange[] {
  const isReady = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return isReady && metadata.deletionTimestamp === undefined ? cidrs.flatMap((cidr) => parseCidr(cidr) ?? []) : [];
}

/** A service's own address object is the service's; what others have belongs to no service. */
function ownerOf({ spec: { parentRef: { group = "", resource, namespace = "", name } } }: IPAddress): string {
  return group === "" && resource === "services" ? `${namespace}/${name}` : `${resource}.${group}/${namespace}/${name}`;
}
