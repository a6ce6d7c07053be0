import { describe, expect, it } from "vitest";

import { podOf } from "../testing/pods.ts";
import { parseResolvConf, podDns } from "./dns-config.ts";
import { hostsFile } from "./hosts-file.ts";
import { kernelHostname, podHostname } from "./pod-hostname.ts";

const cluster = { servers: ["10.96.0.10"], domain: "cluster.local" };
const node = parseResolvConf("# by hand\nnameserver 192.0.2.53\nsearch example.com .\noptions timeout:1 ndots:2\n");
const clusterFirst = { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.com"], options: ["ndots:5"] };

describe("name look-ups", () => {
  it("read the node's configuration", () => {
    expect(node).toEqual({ servers: ["192.0.2.53"], searches: ["example.com"], options: ["timeout:1", "ndots:2"] });
  });
  it("go to the cluster first", () => expect(podDns(podOf(), cluster, node)).toEqual(clusterFirst));
  it("go to the node's servers in the host's network", () => expect(podDns(podOf({ hostNetwork: true }), cluster, node)).toEqual(node));
  it("go to the cluster in the host's network when asked for", () => {
    expect(podDns(podOf({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }), cluster, node)).toEqual(clusterFirst);
  });
  it("go to the node's servers by default policy, or where the cluster has none", () => {
    expect(podDns(podOf({ dnsPolicy: "Default" }), cluster, node)).toEqual(node);
    expect(podDns(podOf(), { ...cluster, servers: [] }, node)).toEqual(node);
  });
  it("are as the pod says", () => {
    const dnsConfig = { nameservers: ["192.0.2.1"], searches: ["a.b"], options: [{ name: "ndots", value: "1" }, { name: "edns0" }] };
    expect(podDns(podOf({ dnsPolicy: "None", dnsConfig }), cluster, node)).toEqual({ servers: ["192.0.2.1"], searches: ["a.b"], options: ["ndots:1", "edns0"] });
    expect(podDns(podOf({ dnsConfig }), cluster, node).options).toEqual(["ndots:1", "edns0"]);
  });
});

describe("names", () => {
  it("are those of the pod, cut to length", () => expect(podHostname(podOf({}, {}, { name: `${"a".repeat(62)}-b` }), "x").name).toBe("a".repeat(62)));
  it("have a full form below a subdomain", () => {
    expect(podHostname(podOf({ hostname: "h", subdomain: "s" }), "cluster.local").fullName).toBe("h.s.default.svc.cluster.local");
  });
  it("are told to the kernel in full when asked for, if they fit", () => {
    const pod = podOf({ hostname: "h", subdomain: "s", setHostnameAsFQDN: true });
    expect(kernelHostname(pod, "cluster.local")).toBe("h.s.default.svc.cluster.local");
    expect(() => kernelHostname(pod, "x".repeat(60))).toThrow("is too long (64 characters is the max, 76 characters requested)");
  });
});

describe("/etc/hosts", () => {
  it("names the pod and its aliases", () => {
    const text = hostsFile(podOf({ hostAliases: [{ ip: "192.0.2.7", hostnames: ["far", "away"] }] }), ["10.1.0.5", "fd00::5"], "cluster.local", "");
    expect(text).toBe(
      "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nfe00::\tip6-mcastprefix\n"
      + "fe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n10.1.0.5\tweb\nfd00::5\tweb\n\n# Entries added by HostAliases.\n192.0.2.7\tfar\taway\n",
    );
  });
  it("is the node's own in the host's network", () => {
    expect(hostsFile(podOf({ hostNetwork: true }), [], "x", "127.0.0.1 here")).toBe("# Kubernetes-managed hosts file (host network).\n127.0.0.1 here\n");
  });
});
