import { formatIp, type IpAddress, isIpv4Mapped, parseIp } from "../../../ip.ts";
import { quote } from "../../../quote.ts";
import { isLinkLocal, isLinkLocalMulticast, isLoopback, isUnspecified } from "../../../special-addresses.ts";
import { declare, type FunctionDeclaration, member, overload } from "../../types/declarations.ts";
import { boolType, intType, opaque, stringType, type Type } from "../../types/type.ts";
import { EvaluationError, Opaque } from "../../values/value.ts";
import type { Library } from "../library.ts";

const ipType = opaque("net.IP");
const cidrType = opaque("net.CIDR");
const bits = { 4: 32, 6: 128 } as const;

class IpValue extends Opaque {
  readonly address: IpAddress;

  constructor(address: IpAddress) {
    super();
    this.address = address;
  }

  get type(): Type {
    return ipType;
  }

  override get size(): number {
    return bits[this.address.family] / 8;
  }

  equals({ address }: IpValue): boolean {
    return this.address.family === address.family && this.address.value === address.value;
  }
}

/** An address with the length of a prefix; bits after the prefix are kept. */
class CidrValue extends Opaque {
  readonly address: IpAddress;
  readonly prefixLength: number;

  constructor(address: IpAddress, prefixLength: number) {
    super();
    this.address = address;
    this.prefixLength = prefixLength;
  }

  get type(): Type {
    return cidrType;
  }

  override get size(): number {
    return Math.ceil(this.prefixLength / 8);
  }

  equals({ address, prefixLength }: CidrValue): boolean {
    return new IpValue(this.address).equals(new IpValue(address)) && this.prefixLength === prefixLength;
  }

  masked(): CidrValue {
    return new CidrValue({ family: this.address.family, value: this.#prefixOf(this.address) }, this.prefixLength);
  }

  contains(address: IpAddress): boolean {
    return address.family === this.address.family && this.#prefixOf(address) === this.#prefixOf(this.address);
  }

  #prefixOf({ family, value }: IpAddress): bigint {
    const hostBits = BigInt(bits[family] - this.prefixLength);
    return (value >> hostBits) << hostBits;
  }
}

/** IP addresses and ranges (API concepts, "Common Expression Language": IP and CIDR libraries). */
export const networkAddressesLibrary: Library = {
  types: new Map([[ipType.name, ipType], [cidrType.name, cidrType]]),
  functions: [
    declare("ip",
      overload("string_to_ip", [stringType], ipType, (text: string) => new IpValue(readIp(text))),
      member("cidr_ip", [cidrType], ipType, ({ address }: CidrValue) => new IpValue(address))),
    declare("isIP", overload("is_ip", [stringType], boolType, (text: string) => succeeds(() => readIp(text)))),
    declare("ip.isCanonical", overload("ip_is_canonical", [stringType], boolType, (text: string) => formatIp(readIp(text)) === text)),
    declare("family", member("ip_family", [ipType], intType, ({ address }: IpValue) => address.family)),
    kind("isUnspecified", "ip_is_unspecified", isUnspecified),
    kind("isLoopback", "ip_is_loopback", isLoopback),
    kind("isLinkLocalMulticast", "ip_is_link_local_multicast", isLinkLocalMulticast),
    kind("isLinkLocalUnicast", "ip_is_link_local_unicast", isLinkLocal),
    kind("isGlobalUnicast", "ip_is_global_unicast", isGlobalUnicast),
    declare("string",
      overload("ip_to_string", [ipType], stringType, ({ address }: IpValue) => formatIp(address)),
      overload("cidr_to_string", [cidrType], stringType, ({ address, prefixLength }: CidrValue) => `${formatIp(address)}/${prefixLength}`)),
    declare("cidr", overload("string_to_cidr", [stringType], cidrType, readCidr)),
    declare("isCIDR", overload("is_cidr", [stringType], boolType, (text: string) => succeeds(() => readCidr(text)))),
    declare("containsIP",
      member("cidr_contains_ip_string", [cidrType, stringType], boolType, (cidr: CidrValue, text: string) => cidr.contains(readIp(text))),
      member("cidr_contains_ip_ip", [cidrType, ipType], boolType, (cidr: CidrValue, { address }: IpValue) => cidr.contains(address))),
    declare("containsCIDR",
      member("cidr_contains_cidr_string", [cidrType, stringType], boolType, (cidr: CidrValue, text: string) => containsCidr(cidr, readCidr(text))),
      member("cidr_contains_cidr", [cidrType, cidrType], boolType, containsCidr)),
    declare("prefixLength", member("cidr_prefix_length", [cidrType], intType, ({ prefixLength }: CidrValue) => prefixLength)),
    declare("masked", member("cidr_masked", [cidrType], cidrType, (cidr: CidrValue) => cidr.masked())),
  ],
};

function kind(name: string, id: string, is: (address: IpAddress) => boolean): FunctionDeclaration {
  return declare(name, member(id, [ipType], boolType, ({ address }: IpValue) => is(address)));
}

function containsCidr(outer: CidrValue, inner: CidrValue): boolean {
  return outer.prefixLength <= inner.prefixLength && outer.contains(inner.address);
}

function isGlobalUnicast(address: IpAddress): boolean {
  const { family, value } = address;
  const isMulticast = family === 4 ? value >> 28n === 0xen : value >> 120n === 0xffn;
  const isBroadcast = family === 4 && value === 0xffffffffn;
  return value !== 0n && !isBroadcast && !isLoopback(address) && !isMulticast && !isLinkLocal(address);
}

function readIp(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) {
    const problem = `ParseAddr(${quote(text)}): unable to parse IP`;
    throw new EvaluationError(`IP Address ${quote(text)} parse error during conversion from string: ${problem}`);
  }
  if (isIpv4Mapped(address)) throw new EvaluationError(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  return address;
}

function readCidr(text: string): CidrValue {
  const refuse = (problem: string): EvaluationError => {
    const conversion = "network address parse error during conversion from string: ";
    return new EvaluationError(`${conversion}${conversion}netip.ParsePrefix(${quote(text)}): ${problem}`);
  };
  const slash = text.lastIndexOf("/");
  if (slash < 0) throw refuse("no '/'");
  const address = parseIp(text.slice(0, slash));
  if (address === undefined) throw refuse(`ParseAddr(${quote(text.slice(0, slash))}): unable to parse IP`);
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d*)$/.test(length)) throw refuse(`bad bits after slash: ${quote(length)}`);
  if (Number(length) > bits[address.family]) throw refuse("prefix length out of range");
  if (isIpv4Mapped(address)) {
    throw new EvaluationError(`network address parse error during conversion from string: IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  }
  return new CidrValue(address, Number(length));
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}
