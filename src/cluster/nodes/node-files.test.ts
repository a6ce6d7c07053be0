import { expect, test } from "vitest";

import { clusterNetwork, nodeNetwork } from "../network-plan.ts";
import { cniConfiguration } from "./cni-config.ts";
import { containerdConfiguration } from "./containerd-config.ts";
import { platformLayout } from "./layout.ts";
import type { Machine } from "./machine.ts";
import { parseMounts } from "./mounts.ts";
import { masquerade } from "./network.ts";
import { withDescendants } from "./processes.ts";

const layout = platformLayout("home", "node-1", "/var/lib/knarr/home/nodes/node-1");
const machine: Machine = {
  containerdVersion: { major: 1, minor: 6 }, cniPlugins: "/usr/lib/cni", snapshotter: "overlayfs", apparmor: false, mayLowerOomScore: false,
  cgroupVersion: 1, mtu: 1_450,
};

test("containerd 1.x gets version 2 of the format, with everything that keeps nodes apart", () => {
  const text = containerdConfiguration(layout, machine);
  for (const line of [
    "version = 2", 'root = "/var/lib/knarr/home/nodes/node-1/containerd"', 'state = "/run/knarr/home/node-1/containerd"',
    'address = "/run/knarr/home/node-1/containerd.sock"', 'address = "/run/knarr/home/node-1/containerd.sock.ttrpc"',
    'path = "/var/lib/knarr/home/nodes/node-1/containerd/opt"', 'Root = "/run/knarr/home/node-1/runc"', "netns_mounts_under_state_dir = true",
    'bin_dir = "/usr/lib/cni"', 'sandbox_image = "knarr.local/pause:1"', "disable_apparmor = true", "restrict_oom_score_adj = true",
    'stream_server_address = "127.0.0.1"', "enable_unprivileged_ports = true",
  ]) expect(text.split("\n")).toContain(line);
});

test("containerd 2.x gets version 3, whose plugins bear other names", () => {
  const of = (minor: number): string => containerdConfiguration(layout, { ...machine, containerdVersion: { major: 2, minor }, mayLowerOomScore: true });
  expect(of(0)).toContain('[plugins."io.containerd.cri.v1.runtime".cni]\nbin_dir = "/usr/lib/cni"');
  expect(of(1)).toContain('[plugins."io.containerd.cri.v1.runtime".cni]\nbin_dirs = ["/usr/lib/cni"]');
  expect(of(1)).toContain('[plugins."io.containerd.cri.v1.images".pinned_images]\nsandbox = "knarr.local/pause:1"');
  expect(of(1)).toContain("restrict_oom_score_adj = false");
  expect(of(1)).not.toContain("sandbox_image");
});

test("a pod's network has the node's own range and the way out's packet size", () => {
  const network = nodeNetwork(clusterNetwork(0), 1);
  expect(cniConfiguration(network, layout, machine)).toMatchObject({
    name: "knarr-home-node-1",
    plugins: [{ type: "bridge", mtu: 1_450, ipam: { ranges: [[{ subnet: "10.244.1.0/24" }]], dataDir: layout.cniState } }, { type: "portmap" }],
  });
});

test("what stays in the cluster keeps its address; the rest is masqueraded", () => {
  expect(masquerade("home", clusterNetwork(0))).toContain(
    'ip saddr { 10.244.0.0/16, 10.89.0.0/24 } ip daddr != { 10.244.0.0/16, 10.89.0.0/24 } oifname != "knarr0" masquerade',
  );
});

test("names too long for a socket's path are refused with the reason", () => {
  expect(() => platformLayout("c".repeat(40), "n".repeat(63), "/data")).toThrow(/bytes too long for a socket's path/);
});

test("mountinfo is read with its optional fields and escapes", () => {
  expect(parseMounts([
    "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/root rw",
    "37 35 0:5 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
    "",
  ].join("\n"))).toEqual([{ path: "/mnt 2", type: "ext3" }, { path: "/sys/fs/cgroup/cpu", type: "cgroup" }]);
});

test("descendants are found over any number of generations", () => {
  const processes = [[1, 0], [2, 1], [3, 2], [4, 3], [5, 1]].map(([pid = 0, parent = 0]) => ({ pid, parent, args: [] }));
  expect(withDescendants(processes, [2])).toEqual([2, 3, 4]);
  expect(withDescendants(processes, [])).toEqual([]);
});
