import path from "node:path";
import type { Fleet } from "#api/generated/simulation-v1.ts";
import type { User } from "#apiserver/request.ts";
import type { Client } from "#client/client.ts";
import { type Clock, systemClock } from "#machinery/clock.ts";
import { systemRandom } from "#machinery/random.ts";
import { readConfiguration } from "#scheduler/configuration/read-configuration.ts";
import { createMemoryStore } from "#store/memory/memory-store.ts";
import type { Store } from "#store/store.ts";
import { certificatesInMemory } from "./certificates/certificates.ts";
import { CertificateFiles } from "./certificates/files.ts";
import { adminCertificate, clusterAuthority, servingCertificate } from "./certificates/server-certificates.ts";
import { startControlPlane } from "./control-plane/control-plane.ts";
import { kindsAskedFor } from "./control-plane/runtime-config.ts";
import { type Access, kubeconfigOf } from "./kubeconfig.ts";
import { clusterNetwork } from "./network-plan.ts";
import { plainFleet } from "./simulated-nodes/fleet.ts";
import { SimulatedKubelets } from "./simulated-nodes/simulated-kubelets.ts";
import { startSimulatedNodes } from "./simulated-nodes/simulated-nodes.ts";

export interface ClusterOptions {
  /** A directory, in which the cluster is found again; or in memory, which is the default and touches no file. */
  readonly store?: "memory" | { readonly directory: string };
  /** Nodes whose pods only seem to run. Default none. */
  readonly simulatedNodes?: number;
  /** What those are like, and how they and their pods behave (docs/simulation.md). */
  readonly fleet?: Fleet;
  readonly clock?: Clock;
  /** Versions that are not generally available, as kube-apiserver's `--runtime-config` takes them: `networking.k8s.io/v1beta1=true`. */
  readonly runtimeConfig?: string;
  /** A KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1). */
  readonly schedulerConfiguration?: object;
}

/** A cluster in this process: for tests, and for programs that bring their own API along. */
export interface Cluster {
  /** A client without a socket that acts as `user`; an administrator when absent. */
  client(user?: User): Client;
  /** Serves HTTPS on 127.0.0.1 as well. @param port 0, the default: any that is free. @returns the port */
  listen(port?: number): Promise<number>;
  /** A kubeconfig file's text, for an administrator. @throws Error before `listen` */
  kubeconfig(): string;
  /** Afterwards nothing of the cluster keeps the process. */
  stop(): Promise<void>;
}

const usualPort = 6443;

/** Resolves when the API can be used; controllers, scheduler and simulated nodes are at work from then on. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { store: place = "memory", simulatedNodes = 0, fleet = plainFleet, clock = systemClock, schedulerConfiguration } = options;
  const now = (): number => Date.now();
  const certificates = place === "memory" ? certificatesInMemory(now) : new CertificateFiles(path.join(place.directory, "certificates"), now);
  const network = clusterNetwork(0);
  const [store, signingKey] = await Promise.all([openStore(place, clock), certificates.signingKey("service-accounts")]);
  const kubelets = new SimulatedKubelets();
  const controlPlane = await startControlPlane({
    store, clock, signingKey, localKubelets: kubelets, moreKinds: kindsAskedFor(options.runtimeConfig ?? ""),
    ...(schedulerConfiguration ? { schedulerConfiguration: readConfiguration(schedulerConfiguration) } : {}),
    // Nothing in this cluster's pods reads it: they do not run.
    certificateAuthority: "",
    signCertificate: async (order) => {
      const [{ signRequest }, authority] = await Promise.all([import("./certificates/sign-request.ts"), clusterAuthority(certificates)]);
      return signRequest(authority, order, now());
    },
    network: { ...network, apiAddress: network.hostAddress, apiPort: usualPort },
  });
  const client = (user?: User): Client => controlPlane.client(user);
  const stopNodes = startSimulatedNodes({
    count: simulatedNodes, fleet, kubelets, clientFor: client, clock, random: systemRandom, log: () => undefined,
  });
  let access: Access | undefined;
  return {
    client,
    async listen(port = 0) {
      const authority = await clusterAuthority(certificates);
      const [serving, admin] = await Promise.all([servingCertificate(certificates, authority, network), adminCertificate(certificates, authority)]);
      const given = await controlPlane.api.listen({ addresses: ["127.0.0.1"], port, ...serving, clientAuthorities: [authority.certificate] });
      access = { name: "knarr-library", server: `https://127.0.0.1:${given}`, certificateAuthority: authority.certificate, ...admin };
      return given;
    },
    kubeconfig() {
      if (access === undefined) throw new Error("the cluster has no port yet: call listen() first");
      return kubeconfigOf(access);
    },
    async stop() {
      await stopNodes();
      await controlPlane.stop();
      await store.close();
    },
  };
}

async function openStore(place: "memory" | { readonly directory: string }, clock: Clock): Promise<Store> {
  if (place === "memory") return createMemoryStore({ clock });
  const { openEmbeddedStore } = await import("#store/embedded/embedded-store.ts");
  return openEmbeddedStore({ directory: path.join(place.directory, "store"), clock });
}
