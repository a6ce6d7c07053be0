import { afterAll, test } from "vitest";
import { Namespace } from "#api/core/namespace.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import type { Client, Resource } from "#client/client.ts";
import { type Cluster, startCluster } from "#cluster/library.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { passOn } from "../simulation/passing-time.ts";

/** Where a behaviour is tried: a namespace of its own, in the cluster that the tests of a file share. */
export interface Stage {
  /** Made for this test. Its name is also free as the beginning of names of cluster-wide objects. */
  readonly namespace: string;
  readonly cluster: Cluster;
  /** As an administrator. */
  readonly client: Client;
  readonly clock: VirtualClock;
  of<T extends KubeObject>(kind: KindReference<T>): Resource<T>;
  /** Lets everything happen that is due within so many seconds, which take no time. */
  pass(seconds: number): Promise<void>;
  /**
   * Lets time go by until `condition` holds, and returns what it came to.
   * @param condition undefined, false and a failure: not yet
   * @throws Error when that has not come about within so many seconds, 60 when absent
   */
  until<T>(what: string, condition: () => Promise<T | false | undefined>, seconds?: number): Promise<T>;
}

interface Shared {
  readonly cluster: Cluster;
  readonly clock: VirtualClock;
}

let shared: Promise<Shared> | undefined;
let stages = 0;

/**
 * A behaviour of the upstream conformance suite, under its full name there (`npm run conformance` counts these). It runs on two
 * simulated nodes, whose pods only seem to run, and on a clock that only the tests move.
 */
export function conformance(name: string, body: (stage: Stage) => Promise<void>): void {
  endWithTheFile();
  test(name, async () => {
    shared ??= start();
    await body(await newStage(await shared));
  });
}

let willEnd = false;

/** Files may follow each other in one process, and each has a cluster of its own. */
function endWithTheFile(): void {
  if (willEnd) return;
  willEnd = true;
  afterAll(async () => {
    willEnd = false;
    if (!shared) return;
    const { cluster, clock } = await shared;
    shared = undefined;
    await passOn(clock, 1);
    await cluster.stop();
  });
}

async function start(): Promise<Shared> {
  // Certificates are good from now on.
  const clock = new VirtualClock(Date.now());
  return { clock, cluster: await startCluster({ simulatedNodes: 2, clock }) };
}

async function newStage({ cluster, clock }: Shared): Promise<Stage> {
  const client = cluster.client();
  const namespace = `stage-${++stages}`;
  const stage: Stage = {
    namespace, cluster, client, clock,
    of: (kind) => client.of(kind),
    pass: (seconds) => passOn(clock, seconds),
    until: (what, condition, seconds = 60) => until(clock, what, condition, seconds),
  };
  await stage.of(Namespace).create({ metadata: { name: namespace } });
  await stage.until("the namespace has its service account", () => stage.of(ServiceAccount).get(namespace, "default"));
  return stage;
}

async function until<T>(clock: VirtualClock, what: string, condition: () => Promise<T | false | undefined>, seconds: number): Promise<T> {
  let failure: unknown;
  for (let left = seconds * 1000; left > 0; left -= stepMilliseconds) {
    const result = await condition().catch((error: unknown) => void (failure = error));
    if (result !== undefined && result !== false) return result;
    await passOn(clock, stepMilliseconds / 1000);
  }
  throw new Error(`not within ${seconds} s: ${what}`, { cause: failure });
}

const stepMilliseconds = 200;
