import { systemClock } from "#machinery/clock.ts";
import { systemRandom } from "#machinery/random.ts";
import { KubeProxy } from "#kube-proxy/kube-proxy.ts";
import { nftCommand } from "#kube-proxy/nftables.ts";
import { openEmbeddedStore } from "#store/embedded/embedded-store.ts";
import { CertificateFiles } from "../certificates/files.ts";
import {
  clusterAuthority, frontProxyAuthority, frontProxyClientCertificate, frontProxyName, kubeletClientCertificate, servingCertificate,
} from "../certificates/server-certificates.ts";
import type { ClusterRecord } from "../clusters.ts";
import { logTo, type Logging } from "../logging.ts";
import { portTaken } from "../lifecycle/api-port.ts";
import { type ClusterNetwork, clusterNetwork } from "../network-plan.ts";
import { run } from "../nodes/command.ts";
import { ensureClusterNetwork } from "../nodes/network.ts";
import { clusterPaths } from "../paths.ts";
import { serviceTable } from "../service-table.ts";
import { plainFleet } from "../simulated-nodes/fleet.ts";
import { SimulatedKubelets } from "../simulated-nodes/simulated-kubelets.ts";
import { startSimulatedNodes } from "../simulated-nodes/simulated-nodes.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { kindsAskedFor } from "./runtime-config.ts";
import { ownSchedulerConfiguration } from "./scheduler-configuration.ts";

/** Runs a cluster's control plane in this process. Resolves when it serves; returns how to stop it. */
export async function runControlPlane(record: ClusterRecord): Promise<() => Promise<void>> {
  const paths = clusterPaths(record.dataDirectory);
  const logging = logTo(paths.processes, "control-plane");
  const network = clusterNetwork(record.index);
  const hasNodes = record.nodes > 0;
  const hostNetwork = hasNodes ? ensureClusterNetwork(run, record.name, network) : Promise.resolve();
  const certificates = new CertificateFiles(paths.certificates, Date.now);
  const [authority, frontProxy] = await Promise.all([clusterAuthority(certificates), frontProxyAuthority(certificates)]);
  const [store, server, kubeletClient, frontProxyClient, signingKey] = await Promise.all([
    openEmbeddedStore({ directory: paths.store, clock: systemClock }),
    servingCertificate(certificates, authority, network),
    kubeletClientCertificate(certificates, authority),
    frontProxyClientCertificate(certificates, frontProxy),
    certificates.signingKey("service-accounts"),
    hostNetwork,
  ]);
  const kubelets = new SimulatedKubelets();
  const controlPlane = await startControlPlane({
    store, logging, signingKey,
    moreKinds: kindsAskedFor(record.runtimeConfig ?? ""),
    schedulerConfiguration: await ownSchedulerConfiguration(paths.schedulerConfiguration),
    kubelets: { ...kubeletClient, certificateAuthority: authority.certificate },
    localKubelets: kubelets,
    frontProxy: { authority: frontProxy.certificate, allowedNames: [frontProxyName], client: frontProxyClient },
    certificateAuthority: authority.certificate,
    signCertificate: async (order) => (await import("../certificates/sign-request.ts")).signRequest(authority, order, Date.now()),
    network: { ...network, apiAddress: network.hostAddress, apiPort: record.port },
  });
  await controlPlane.api.listen({
    addresses: ["127.0.0.1", ...(hasNodes ? [network.hostAddress] : [])],
    port: record.port,
    certificate: server.certificate,
    key: server.key,
    clientAuthorities: [authority.certificate, frontProxy.certificate],
  }).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? portTaken(record.port) : error;
  });
  const stopNodes = startSimulatedNodes({
    count: record.simulatedNodes, fleet: record.fleet ?? plainFleet, kubelets, clock: systemClock, random: systemRandom, log: logging.of("kubelet"),
    clientFor: controlPlane.client,
  });
  const proxy = hasNodes ? await startHostProxy(controlPlane, network, logging) : undefined;
  logging.of("control-plane")(`serves https://127.0.0.1:${record.port}`);
  return async () => {
    proxy?.stop();
    await stopNodes();
    await controlPlane.stop();
    await store.close();
  };
}

/** Makes services reachable from the host: node ports on loopback, cluster addresses. */
async function startHostProxy(controlPlane: ControlPlane, network: ClusterNetwork, logging: Logging): Promise<KubeProxy> {
  const user = { name: "system:kube-proxy", groups: ["system:authenticated"], extra: {} };
  const proxy = new KubeProxy({
    client: controlPlane.client(user), clock: systemClock, nftables: nftCommand(), nodeName: "",
    table: serviceTable(network), nodePortAddresses: "127.0.0.0/8", log: logging.of("kube-proxy"),
  });
  await proxy.start();
  return proxy;
}
