/** An IP address as a number. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A range of addresses in CIDR notation (RFC 4632): `10.0.0.0/16`. */
export interface IpRange {
  readonly family: 4 | 6;
  /** The first address. */
  readonly base: bigint;
  readonly prefixLength: number;
}

const bits = { 4: 32, 6: 128 } as const;

/** Reads `10.0.0.1` (no leading zeros) or `2001:db8::1` (RFC 4291 §2.2, also with a dotted end); `undefined` when it is neither. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  const value = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return value === undefined ? undefined : { family: text.includes(":") ? 6 : 4, value };
}

/** The canonical text; RFC 5952 for IPv6. */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  const gap = longestGap(groups);
  const shown = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (gap === undefined) return shown(groups);
  return `${shown(groups.slice(0, gap.start))}::${shown(groups.slice(gap.start + gap.length))}`;
}

/** `::ffff:1.2.3.4`, which some software takes for IPv4 and other for IPv6. */
export function isIpv4Mapped({ family, value }: IpAddress): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

/** Reads `10.0.0.0/16`. Address bits after the prefix are cleared; `undefined` when it is no range. */
export function parseCidr(text: string): IpRange | undefined {
  const match = /^([^/]{1,45})\/(0|[1-9]\d{0,2})$/.exec(text);
  const address = match === null ? undefined : parseIp(match[1] ?? "");
  const prefixLength = Number(match?.[2]);
  if (address === undefined || prefixLength > bits[address.family]) return undefined;
  const hostBits = BigInt(bits[address.family] - prefixLength);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefixLength };
}

export function formatCidr(range: IpRange): string {
  return `${formatIp({ family: range.family, value: range.base })}/${range.prefixLength}`;
}

/** How many addresses the range has. */
export function rangeSize(range: IpRange): bigint {
  return 1n << BigInt(bits[range.family] - range.prefixLength);
}

export function contains(range: IpRange, address: IpAddress): boolean {
  return range.family === address.family && address.value >= range.base && address.value < range.base + rangeSize(range);
}

export function overlap(left: IpRange, right: IpRange): boolean {
  return left.family === right.family && left.base < right.base + rangeSize(right) && right.base < left.base + rangeSize(left);
}

/** The `index`th range of `prefixLength` inside `range`, such as one node's pod range; `undefined` beyond its end. */
export function subrange(range: IpRange, prefixLength: number, index: number): IpRange | undefined {
  if (prefixLength < range.prefixLength || prefixLength > bits[range.family] || index < 0) return undefined;
  const base = range.base + (BigInt(index) << BigInt(bits[range.family] - prefixLength));
  return base < range.base + rangeSize(range) ? { family: range.family, base, prefixLength } : undefined;
}

/** The `index`th address of the range (0 is its network address); `undefined` beyond its end. */
export function addressAt(range: IpRange, index: bigint | number): IpAddress | undefined {
  const value = range.base + BigInt(index);
  return value >= range.base && value < range.base + rangeSize(range) ? { family: range.family, value } : undefined;
}

/**
 * The next address that is free, beginning at `start` and going round once; never the network address, nor IPv4's broadcast address.
 * Looks at no more than 2²⁰ addresses.
 * @param start offset into the range, such as a random number or one past the last address given
 */
export function nextFreeAddress(range: IpRange, isUsed: (address: IpAddress) => boolean, start: bigint | number = 1): IpAddress | undefined {
  const first = 1n;
  const last = rangeSize(range) - (range.family === 4 ? 2n : 1n);
  const count = last - first + 1n;
  if (count <= 0n) return undefined;
  const offset = (((BigInt(start) - first) % count) + count) % count;
  const tries = count < 1n << 20n ? count : 1n << 20n;
  for (let step = 0n; step < tries; step++) {
    const address: IpAddress = { family: range.family, value: range.base + first + ((offset + step) % count) };
    if (!isUsed(address)) return address;
  }
  return undefined;
}

const addressProblem = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const rangeProblem = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/** What is wrong with an address that a client writes, in upstream's wording. */
export function ipProblems(text: string): readonly string[] {
  const address = parseIp(text);
  if (address !== undefined) return isIpv4Mapped(address) ? ["must not be an IPv4-mapped IPv6 address"] : [];
  return hasLeadingZeros(text) ? ["must not have leading 0s"] : [addressProblem];
}

/** What is wrong with a range that a client writes, in upstream's wording. */
export function cidrProblems(text: string): readonly string[] {
  const range = parseCidr(text);
  const slash = text.indexOf("/");
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  if (range === undefined || address === undefined) return [rangeProblem];
  if (isIpv4Mapped(address)) return ["must not have an IPv4-mapped IPv6 address"];
  return range.base === address.value ? [] : [`must not have bits set beyond the prefix length (should be ${formatCidr(range)})`];
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function parseGroups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const dotted = mayEndDotted && index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : undefined;
    if (dotted !== undefined) groups.push(Number(dotted >> 16n), Number(dotted & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function longestGap(groups: readonly number[]): { start: number; length: number } | undefined {
  let longest: { start: number; length: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > 1 && length > (longest?.length ?? 0)) longest = { start, length };
  }
  return longest;
}

function hasLeadingZeros(text: string): boolean {
  return /^\d{1,10}(\.\d{1,10}){3}$/.test(text) && parseIpv4(text.replaceAll(/(^|\.)0+(?=\d)/g, "$1")) !== undefined;
}
