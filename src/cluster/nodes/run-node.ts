import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Client } from "#client/client.ts";
import { HttpsTransport } from "#client/https-transport.ts";
import { ClusterDns } from "#dns/dns.ts";
import { forwardTo, nameServersIn } from "#dns/upstream.ts";
import { KubeProxy } from "#kube-proxy/kube-proxy.ts";
import { nftCommand } from "#kube-proxy/nftables.ts";
import { containerNode } from "#kubelet/container-node.ts";
import type { Kubelet } from "#kubelet/kubelet.ts";
import type { NodeDirectories } from "#kubelet/pod-directories.ts";
import { connectCri, type CriClient } from "#kubelet/runtime/cri/client.ts";
import { CriAccess } from "#kubelet/server/cri-access.ts";
import { KubeletServer } from "#kubelet/server/kubelet-server.ts";
import { systemClock } from "#machinery/clock.ts";
import { systemRandom } from "#machinery/random.ts";
import type { KeyPair } from "../certificates/authority.ts";
import { type NodeCertificates, nodeCertificates } from "../certificates/node-certificates.ts";
import type { ClusterRecord } from "../clusters.ts";
import { platformOptions } from "../lifecycle/node-options.ts";
import { type Log, type Logging, logTo } from "../logging.ts";
import { type ClusterNetwork, clusterNetwork, type NodeNetwork, nodeNetwork } from "../network-plan.ts";
import { clusterPaths } from "../paths.ts";
import { programCommand } from "../programs.ts";
import { serviceTable } from "../service-table.ts";
import { run } from "./command.ts";
import { findContainerd } from "./containerd.ts";
import { describeNode, kubeletPort } from "./describe-node.ts";
import { keepPlatform } from "./keep-platform.ts";
import { type PlatformLayout, platformLayout } from "./layout.ts";

const clusterDomain = "cluster.local";
const dnsPort = 53;

/** What the parts of a node share. */
interface Surroundings {
  readonly record: ClusterRecord;
  readonly cluster: ClusterNetwork;
  readonly network: NodeNetwork;
  readonly node: string;
  readonly certificates: NodeCertificates;
  readonly logging: Logging;
  readonly resolvConf: string;
}

/**
 * Runs kubelet, kube-proxy and DNS of a node in this process, which stands in the node's network namespace already, and sees to it that
 * its containerd runs. Resolves when the node is registered; returns how to stop. Containers are left alone.
 */
export async function runNode(record: ClusterRecord, node: string): Promise<() => Promise<void>> {
  const options = platformOptions(record, node);
  const cluster = clusterNetwork(record.index);
  const network = nodeNetwork(cluster, options.nodeNumber);
  const logging = logTo(clusterPaths(record.dataDirectory).processes, node);
  const certificates = await nodeCertificates(record, node, network.address);
  const surroundings: Surroundings = { record, cluster, network, node, certificates, logging, resolvConf: resolvConfFile() };
  const layout = platformLayout(record.name, node, options.directory);
  const keeper = await keepContainerd(record, node, layout, logging.of("containerd"));
  const proxy = kubeProxy(surroundings);
  const dns = clusterDns(surroundings);
  const directories = {
    root: path.join(options.directory, "kubelet"), logs: path.join(options.directory, "pod-logs"),
    memory: path.join(layout.runDirectory, "kubelet"),
  };
  const { kubelet, rotation } = await containerNode({
    client: client(surroundings, certificates.kubelet, "kubelet"),
    clock: systemClock, random: systemRandom, run, directories,
    node: await describeNode(node, network, options.directory),
    runtimeSocket: layout.containerdSocket,
    cgroupRoot: `${layout.cgroup}/kubepods`,
    clusterDns: { servers: [cluster.dnsServiceAddress], domain: clusterDomain },
    resolvConf: surroundings.resolvConf,
    failed: (what, error) => logging.of("kubelet")(`could not ${what} and tries again`, error),
  });
  const server = await serveKubelet(surroundings, kubelet, connectCri(layout.containerdSocket, systemClock), directories);
  await Promise.all([kubelet.start(), proxy.start(), dns.start()]);
  rotation.start();
  logging.of("kubelet")(`${node} is registered`);
  return async () => {
    keeper.close();
    proxy.stop();
    rotation.stop();
    await Promise.all([server.close(), kubelet.stop(), dns.stop()]);
  };
}

/** The platform is brought up by a program of its own, beside this process's parent: outside of the node's network namespace. */
async function keepContainerd(record: ClusterRecord, node: string, layout: PlatformLayout, log: Log): Promise<{ close(): void }> {
  const running = async (): Promise<number> => {
    const pid = await findContainerd(layout);
    if (pid === undefined) throw new Error("containerd ended as soon as it was started");
    return pid;
  };
  const outside = [`--net=/proc/${process.ppid}/ns/net`, ...programCommand("node-platform"), "--cluster", record.name, "--node", node];
  return keepPlatform({
    clock: systemClock,
    containerdPid: await running(),
    async bringUp() {
      await run("nsenter", outside);
      return running();
    },
    restarted: () => log("containerd had ended and is up again"),
    failed: (error) => log("containerd cannot be started and is tried again", error as Error),
  });
}

/** The kubelet's own API, for logs and streams. */
async function serveKubelet(surroundings: Surroundings, pods: Kubelet, runtime: CriClient, directories: NodeDirectories): Promise<Serving> {
  const { certificates, network, node, logging } = surroundings;
  const failed = (what: string, error: Error): void => logging.of("kubelet")(`could not ${what}`, error);
  const containers = new CriAccess({ client: runtime, clock: systemClock, directories });
  const server = new KubeletServer({
    clock: systemClock, nodeName: node, pods, containers, failed, configuration: {},
    serving: certificates.serving, clientAuthority: certificates.authority.certificate,
  });
  await server.listen(network.address, kubeletPort);
  return {
    async close() {
      await server.close();
      runtime.close();
    },
  };
}

interface Serving {
  close(): Promise<void>;
}

function kubeProxy(surroundings: Surroundings): KubeProxy {
  const { cluster, node, certificates, logging } = surroundings;
  return new KubeProxy({
    client: client(surroundings, certificates.kubeProxy, "kube-proxy"),
    clock: systemClock, nftables: nftCommand(), nodeName: node, table: serviceTable(cluster), log: logging.of("kube-proxy"),
  });
}

function clusterDns(surroundings: Surroundings): ClusterDns {
  const { certificates, network, logging, resolvConf } = surroundings;
  return new ClusterDns({
    client: client(surroundings, certificates.dns, "dns"),
    clock: systemClock, addresses: [network.address], port: dnsPort, domain: clusterDomain, log: logging.of("dns"),
    upstream: forwardTo(nameServersIn(readFileSync(resolvConf, "utf8")), systemClock),
  });
}

function client({ record, cluster, certificates }: Surroundings, { certificate, key }: KeyPair, component: string): Client {
  const server = `https://${cluster.hostAddress}:${record.port}`;
  return new Client(new HttpsTransport({ server, certificateAuthority: certificates.authority.certificate, certificate, key, userAgent: component }));
}

/** The host's resolver configuration; where it points to a resolver on loopback, which is another one in here, that one's own source. */
function resolvConfFile(): string {
  const usual = "/etc/resolv.conf";
  const behindStub = "/run/systemd/resolve/resolv.conf";
  const isStub = existsSync(usual) && nameServersIn(readFileSync(usual, "utf8")).every((address) => address.startsWith("127."));
  return isStub && existsSync(behindStub) ? behindStub : usual;
}
