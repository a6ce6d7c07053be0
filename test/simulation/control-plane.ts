import { onTestFinished } from "vitest";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { admin, startTestServer, type TestServer } from "#apiserver/testing/api-server.ts";
import { kinds } from "#api/kinds.ts";
import { Client, type Resource } from "#client/client.ts";
import { ControllerManager } from "#controller-manager/controller-manager.ts";
import { controllers } from "#controller-manager/controllers.ts";
import { fixedKinds } from "#controller-manager/served-kinds.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { formatTime } from "#machinery/time.ts";
import { seededRandom } from "#machinery/random.ts";

/** An API server, all controllers and pretended nodes in one process, on a clock that only the test moves. */
export interface ControlPlane {
  readonly api: TestServer;
  readonly clock: VirtualClock;
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
    controllers: controllers({ kinds: fixedKinds(kinds), rootCertificate: "PEM" }), client, clientFor: () => client,
    clock, random: () => random.fraction(),
    log: (message, error) => void complaints.push(`${message}: ${error?.message}`),
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds * 1000; left > 0; left -= 100) {
      await settle();
      await clock.advance(Math.min(100, left));
    }
    await settle();
  };
  manager.start();
  for (const name of nodes) await client.of(Node).create({ metadata: { name } });
  const stopNodes = nodes.length > 0 ? pretendNodes(client, clock, nodes) : (): void => undefined;
  onTestFinished(async () => {
    stopNodes();
    manager.stop();
    await pass(1);
    await api.close();
  });
  await pass(1);
  return { api, clock, complaints, of: (kind) => client.of(kind), pass };
}

/** Real turns of the event loop, in which what waits for the store goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setTimeout(resolve, 0));
}

/** Gives every pod a node and lets it run and, when it is deleted, end: each a while after it was asked for. */
function pretendNodes(client: Client, clock: VirtualClock, nodes: readonly string[]): () => void {
  const pods = client.of(Pod);
  let count = 0;
  const tend = async ({ metadata, spec, status }: Pod): Promise<void> => {
    const { namespace, name } = metadata;
    if (metadata.deletionTimestamp !== undefined) return void (await pods.delete(namespace, name, { gracePeriodSeconds: 0 }));
    if (!spec.nodeName) {
      const target = { apiVersion: "v1", kind: "Node", name: nodes[count++ % nodes.length] };
      await pods.createSubresource(namespace, name, "binding", { apiVersion: "v1", kind: "Binding", metadata: { namespace, name }, target });
    } else if (status.phase === "Pending") {
      const ip = `10.244.${count >> 8}.${count++ & 255}`;
      const conditions = [{ type: "Ready", status: "True", lastTransitionTime: formatTime(clock.now()) }];
      const current = await pods.get(namespace, name);
      await pods.updateStatus({ ...current, status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions } });
    }
  };
  const watch = pods.watch("", { resourceVersion: "0" }, {
    event: ({ type, object }) => {
      if (type === "DELETED" || type === "BOOKMARK") return;
      clock.after(500, () => void tend(object as Pod).catch(() => undefined));
    },
    ended: () => undefined,
  });
  return () => watch.close();
}
