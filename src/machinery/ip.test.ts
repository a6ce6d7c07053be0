import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressAt, cidrProblems, contains, formatCidr, formatIp, type IpRange, ipProblems, nextFreeAddress, overlap, parseCidr, parseIp, rangeSize, subrange,
} from "./ip.ts";

const cidr = (text: string): IpRange => parseCidr(text)!;

describe("addresses", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"], ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"], ["::", "::"], ["::1", "::1"], ["1::", "1::"], ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"], ["1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"], ["fe80:0:0:0:0:0:0:0", "fe80::"],
  ])("%s is written %s", (text, canonical) => {
    expect(formatIp(parseIp(text)!)).toBe(canonical);
  });

  test.each(["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "g::", "12345::", "1.2.3.4::", "::1%eth0"])(
    "%s is none", (text) => expect(parseIp(text)).toBeUndefined(),
  );

  test("any address reads back", () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseIp(text)!;
      expect(parseIp(formatIp(address))).toEqual(address);
    }));
  });
});

describe("ranges", () => {
  test("clear what lies beyond the prefix, and know their size and neighbours", () => {
    expect(formatCidr(cidr("10.1.2.3/16"))).toBe("10.1.0.0/16");
    expect(rangeSize(cidr("10.0.0.0/24"))).toBe(256n);
    expect(contains(cidr("10.0.0.0/24"), parseIp("10.0.0.255")!)).toBe(true);
    expect(contains(cidr("10.0.0.0/24"), parseIp("10.0.1.0")!)).toBe(false);
    expect(overlap(cidr("10.0.0.0/8"), cidr("10.2.0.0/16"))).toBe(true);
    expect(overlap(cidr("10.0.0.0/16"), cidr("10.1.0.0/16"))).toBe(false);
    expect(formatCidr(subrange(cidr("10.244.0.0/16"), 24, 255)!)).toBe("10.244.255.0/24");
    expect(subrange(cidr("10.244.0.0/16"), 24, 256)).toBeUndefined();
    expect(formatIp(addressAt(cidr("10.96.0.0/12"), 10)!)).toBe("10.96.0.10");
    expect(parseCidr("10.0.0.0/33")).toBeUndefined();
  });

  test("give free addresses once each, going round", () => {
    const range = cidr("10.0.0.0/29");
    const used = new Set<bigint>();
    const given: string[] = [];
    for (let address = nextFreeAddress(range, () => false, 5); address !== undefined; address = nextFreeAddress(range, ({ value }) => used.has(value), 5)) {
      used.add(address.value);
      given.push(formatIp(address));
    }
    expect(given).toEqual(["10.0.0.5", "10.0.0.6", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
  });
});

test("problems of what clients write", () => {
  expect(ipProblems("10.0.0.1")).toEqual([]);
  expect(ipProblems("x")).toEqual(["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]);
  expect(ipProblems("010.0.0.1")).toEqual(["must not have leading 0s"]);
  expect(ipProblems("::ffff:1.2.3.4")).toEqual(["must not be an IPv4-mapped IPv6 address"]);
  expect(cidrProblems("10.0.0.0/8")).toEqual([]);
  expect(cidrProblems("10.0.0.1")).toEqual(["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]);
  expect(cidrProblems("10.0.0.1/8")).toEqual(["must not have bits set beyond the prefix length (should be 10.0.0.0/8)"]);
});
