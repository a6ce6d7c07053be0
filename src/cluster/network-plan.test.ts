import { expect, test } from "vitest";

import { clusterNetwork, freeNetworkIndex, hardwareAddress, MAXIMUM_CLUSTERS, MAXIMUM_NODES, nodeNetwork, overlaps, routedNetworks } from "./network-plan.ts";

test("the first cluster has the networks that everybody knows", () => {
  expect(clusterNetwork(0)).toEqual({
    index: 0, podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16", nodeCidr: "10.89.0.0/24",
    apiServiceAddress: "10.96.0.1", dnsServiceAddress: "10.96.0.10", bridge: "knarr0", hostAddress: "10.89.0.1", table: "knarr-0",
  });
});

test("a node's addresses follow from its number", () => {
  expect(nodeNetwork(clusterNetwork(3), 2)).toEqual({ number: 2, address: "10.89.3.12", podCidr: "10.241.2.0/24", hostInterface: "knarr3n2" });
  expect(hardwareAddress(clusterNetwork(3), "10.89.3.12")).toBe("02:6b:6e:00:03:0c");
});

test("no two networks of any two clusters overlap", () => {
  const networks = Array.from({ length: MAXIMUM_CLUSTERS }, (_, index) => clusterNetwork(index))
    .flatMap(({ podCidr, serviceCidr, nodeCidr }) => [podCidr, serviceCidr, nodeCidr]);
  for (const [position, one] of networks.entries()) {
    for (const other of networks.slice(position + 1)) expect(overlaps(one, other), `${one} and ${other}`).toBe(false);
  }
});

test("the longest interface name fits Linux's 15 bytes, and the last node's address its network", () => {
  const { hostInterface, address } = nodeNetwork(clusterNetwork(MAXIMUM_CLUSTERS - 1), MAXIMUM_NODES);
  expect(hostInterface.length).toBeLessThanOrEqual(15);
  expect(address).toBe("10.89.63.250");
});

test("numbers out of range are refused", () => {
  expect(() => clusterNetwork(64)).toThrow("0 to 63, not 64");
  expect(() => nodeNetwork(clusterNetwork(0), 0)).toThrow("1 to 240, not 0");
});

test("a free index avoids other clusters and the host's own routes", () => {
  expect(freeNetworkIndex(new Set(), ["default", "192.168.1.0/24", "fe80::/64"])).toBe(0);
  expect(freeNetworkIndex(new Set([0, 2]), ["10.97.0.0/16"])).toBe(3);
  expect(freeNetworkIndex(new Set(), ["10.244.17.0/24", "10.89.1.7"])).toBe(2);
  expect(() => freeNetworkIndex(new Set(), ["10.0.0.0/8"])).toThrow(/every network/);
});

test("the kernel's table of routes tells which networks are in use", () => {
  const table = [
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
    "knarr0\t0000590A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
    "knarr0\t0001F40A\t0B00590A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0",
    "tun0\t0000600A\t00000000\t0001\t0\t0\t0\t0000E0FF\t0\t0\t0",
  ].join("\n");
  expect(routedNetworks(`${table}\n`)).toEqual(["10.89.0.0/24", "10.244.1.0/24", "10.96.0.0/11"]);
});
