import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";

import { hardwareAddress } from "../network-plan.ts";
import type { ClusterNetwork, NodeNetwork } from "../network-plan.ts";
import type { Run } from "./command.ts";
import { inNetworkNamespace } from "./layout.ts";
import type { PlatformLayout } from "./layout.ts";

/*
 *   pod ── cni0 ── node's namespace ── eth0 ──veth── knarr<i> (bridge) ── host's namespace ── the world
 *
 * The host knows the way to every node's pods; a node knows only the host. So nodes may come and go without
 * telling each other, and between pods no address is ever rewritten. All of it may be run again at any time.
 */

/** Makes the host's end of a cluster: bridge, forwarding, and masquerading of what leaves the cluster. */
export async function ensureClusterNetwork(run: Run, name: string, network: ClusterNetwork): Promise<void> {
  const { bridge, hostAddress } = network;
  await run("ip", ["-batch", "-"], { input: lines([
    ...(linkExists(bridge) ? [] : [`link add ${bridge} address ${hardwareAddress(network, hostAddress)} type bridge`]),
    `address replace ${hostAddress}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ]) });
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
  // Node to node goes in and out of the same bridge, which is right and needs no advice to take another way.
  await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/send_redirects`, "0");
  // What a client on this machine sends to a node port on 127.0.0.1 may leave by the bridge.
  await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, "1");
  await run("nft", ["-f", "-"], { input: masquerade(name, network) });
  await passFirewall(run, network);
}

/** Takes away what `ensureClusterNetwork` made. Call it when the last node is gone. */
export async function removeClusterNetwork(run: Run, network: ClusterNetwork): Promise<void> {
  await run("nft", ["-f", "-"], { input: lines([`table ip ${network.table}`, `delete table ip ${network.table}`]) });
  for (const rule of forwardingRules(network)) await run("iptables", ["--wait", "--delete", ...rule]).catch(() => undefined);
  if (linkExists(network.bridge)) await run("ip", ["link", "delete", network.bridge]);
}

/**
 * Docker and many firewalls drop whatever is forwarded unless a rule of that very table accepts it; a table of our own
 * cannot. Where nothing is dropped, nothing is added.
 */
async function passFirewall(run: Run, network: ClusterNetwork): Promise<void> {
  const rules = await run("iptables", ["--wait", "--list-rules", "FORWARD"]);
  if (!rules.startsWith("-P FORWARD DROP")) return;
  for (const rule of forwardingRules(network)) {
    await run("iptables", ["--wait", "--check", ...rule]).catch(() => run("iptables", ["--wait", "--insert", ...rule]));
  }
}

function forwardingRules({ bridge, table }: ClusterNetwork): readonly (readonly string[])[] {
  const rest = [bridge, "--match", "comment", "--comment", table, "--jump", "ACCEPT"];
  return ["--in-interface", "--out-interface"].map((direction) => ["FORWARD", direction, ...rest]);
}

/** The whole table as one transaction: it replaces the table that was there. */
export function masquerade(name: string, network: ClusterNetwork): string {
  const inside = `{ ${network.podCidr}, ${network.nodeCidr} }`;
  return lines([
    `table ip ${network.table}`,
    `delete table ip ${network.table}`,
    `table ip ${network.table} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority srcnat; policy accept;",
    `    ip saddr ${inside} ip daddr != ${inside} oifname != "${network.bridge}" masquerade comment "leaves the Knarr cluster ${name}"`,
    "  }",
    "}",
  ]);
}

/** Makes a node's network namespace and ties it to the cluster's bridge. */
export async function ensureNodeNetwork(run: Run, cluster: ClusterNetwork, node: NodeNetwork, layout: PlatformLayout): Promise<void> {
  const namespace = layout.networkNamespace;
  const isNew = !existsSync(`/run/netns/${namespace}`);
  if (isNew) await run("ip", ["netns", "add", namespace]);
  const peer = `name eth0 netns ${namespace} address ${hardwareAddress(cluster, node.address)}`;
  await run("ip", ["-batch", "-"], { input: lines([
    ...(linkExists(node.hostInterface) ? [] : [`link add ${node.hostInterface} type veth peer ${peer}`]),
    `link set ${node.hostInterface} master ${cluster.bridge} up`,
  ]) });
  await run("ip", ["-netns", namespace, "-batch", "-"], { input: lines([
    "link set lo up",
    `address replace ${node.address}/24 dev eth0`,
    "link set eth0 up",
    `route replace default via ${cluster.hostAddress} dev eth0`,
  ]) });
  await run("ip", ["route", "replace", node.podCidr, "via", node.address, "dev", cluster.bridge]);
  await setKernelParameters(run, layout);
}

/** Takes away a node's network namespace, and with it both ends of its veth pair and its route. */
export async function removeNodeNetwork(run: Run, node: NodeNetwork, layout: PlatformLayout): Promise<void> {
  if (linkExists(node.hostInterface)) await run("ip", ["link", "delete", node.hostInterface]);
  if (existsSync(`/run/netns/${layout.networkNamespace}`)) await run("ip", ["netns", "delete", layout.networkNamespace]);
  const routes = await run("ip", ["route", "show", node.podCidr]);
  if (routes.trim() !== "") await run("ip", ["route", "delete", node.podCidr]);
}

/**
 * Forwarding makes the node a router for its pods. Bridged packets must pass netfilter too, or the answer of a
 * service's pod to a pod on the same bridge would keep the wrong sender.
 */
async function setKernelParameters(run: Run, layout: PlatformLayout): Promise<void> {
  const [nsenter, ...entering] = inNetworkNamespace(layout);
  const script = "echo 1 > /proc/sys/net/ipv4/ip_forward; f=/proc/sys/net/bridge/bridge-nf-call-iptables; [ ! -e $f ] || echo 1 > $f";
  await run(nsenter, [...entering, "sh", "-ec", script]);
}

function linkExists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
