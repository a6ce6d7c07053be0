import { generateKeyPairSync } from "node:crypto";
import { onTestFinished } from "vitest";
import type { Resource } from "#client/client.ts";
import { startControlPlane } from "#cluster/control-plane/control-plane.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { type Random, seededRandom } from "#machinery/random.ts";
import { createMemoryStore } from "#store/memory/memory-store.ts";
import { ForgetfulStore } from "./forgetful-store.ts";
import { passOn } from "./passing-time.ts";
import { PretendedNodes } from "./pretended-nodes.ts";

/** API server, scheduler, controllers and pretended nodes in one process, on a clock that only the test moves. */
export interface SimulatedCluster {
  readonly clock: VirtualClock;
  readonly kubelets: PretendedNodes;
  /** What components complained of. */
  readonly complaints: readonly string[];
  /** Ends, as the loss of history does, the watch of one kind: everyone who follows it has to look anew. */
  loseWatch(random: Random): void;
  of<T extends KubeObject>(kind: KindReference<T>): Resource<T>;
  /** Lets everything happen that is due within so many seconds. */
  pass(seconds: number): Promise<void>;
}

export interface SimulatedClusterOptions {
  readonly seed?: number;
  /** Names of nodes; without any, pods wait. */
  readonly nodes?: readonly string[];
}

const start = Date.UTC(2026, 0, 1);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const network = {
  podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16", apiServiceAddress: "10.96.0.1", dnsServiceAddress: "10.96.0.10",
  apiAddress: "10.89.0.1", apiPort: 6443,
};

/** A cluster that is stopped when the test is over. */
export async function clusterForTest({ seed = 1, nodes = [] }: SimulatedClusterOptions = {}): Promise<SimulatedCluster> {
  const clock = new VirtualClock(start);
  const complaints: string[] = [];
  const logging = {
    of: (component: string) => (message: string, error?: Error) => {
      if (error) complaints.push(`${component}: ${message}: ${error.message}`);
    },
  };
  const forgetful = new ForgetfulStore(createMemoryStore({ clock }));
  const { store } = forgetful;
  const plane = await startControlPlane({
    store, clock, random: seededRandom(seed), logging, signingKey, certificateAuthority: "PEM", network,
    signCertificate: async ({ usages }) => `-----BEGIN CERTIFICATE-----\n${btoa(usages.join())}\n-----END CERTIFICATE-----\n`,
  });
  const client = plane.client();
  const pass = (seconds: number): Promise<void> => passOn(clock, seconds);
  const kubelets = new PretendedNodes(client, clock);
  for (const name of nodes) await kubelets.add(name);
  onTestFinished(async () => {
    kubelets.stop();
    await pass(1);
    await plane.stop();
    await store.close();
  });
  await pass(1);
  return { clock, complaints, kubelets, loseWatch: (random) => forgetful.forgetOne(random), of: (kind) => client.of(kind), pass };
}
