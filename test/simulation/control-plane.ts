import { onTestFinished } from "vitest";
import { admin, startTestServer, type TestServer } from "#apiserver/testing/api-server.ts";
import { kinds } from "#api/kinds.ts";
import { Client, type Resource } from "#client/client.ts";
import { ControllerManager } from "#controller-manager/controller-manager.ts";
import { controllers } from "#controller-manager/controllers.ts";
import { fixedKinds } from "#controller-manager/served-kinds.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { seededRandom } from "#machinery/random.ts";
import { PretendedNodes } from "./pretended-nodes.ts";

/** An API server, all controllers and pretended nodes in one process, on a clock that only the test moves. */
export interface ControlPlane {
  readonly api: TestServer;
  readonly clock: VirtualClock;
  readonly kubelets: PretendedNodes;
  /** What controllers complained of. */
  readonly complaints: readonly string[];
  of<T extends KubeObject>(kind: KindReference<T>): Resource<T>;
  /** Lets everything happen that is due within so many seconds. */
  pass(seconds: number): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly seed?: number;
  /** Names of nodes that pods run on, whoever asks; without any, pods stay as they are made. */
  readonly nodes?: readonly string[];
}

const start = Date.UTC(2026, 0, 1);

export async function controlPlaneForTest({ seed = 1, nodes = [] }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const clock = new VirtualClock(start);
  const random = seededRandom(seed);
  const api = await startTestServer({ clock, random });
  const client = new Client(api.transport(admin));
  const complaints: string[] = [];
  const manager = new ControllerManager({
    controllers: controllers({ kinds: fixedKinds(kinds), clusterPodCidr: "10.244.0.0/16", rootCertificate: "PEM" }), client, clientFor: () => client,
    clock, random: () => random.fraction(),
    log: (message, error) => void complaints.push(`${message}: ${error?.message}`),
  });
  const pass = async (seconds: number): Promise<void> => {
    const step = seconds > 30 ? 1000 : 100;
    for (let left = seconds * 1000; left > 0; left -= step) {
      await settle();
      await clock.advance(Math.min(step, left));
    }
    await settle();
  };
  manager.start();
  const kubelets = new PretendedNodes(client, clock);
  for (const name of nodes) await kubelets.add(name);
  onTestFinished(async () => {
    kubelets.stop();
    manager.stop();
    await pass(1);
    await api.close();
  });
  await pass(1);
  return { api, clock, complaints, kubelets, of: (kind) => client.of(kind), pass };
}

/** Real turns of the event loop, in which what waits for the store goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setTimeout(resolve, 0));
}
