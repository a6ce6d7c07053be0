import type { Fleet } from "#api/generated/simulation-v1.ts";
import type { User } from "#apiserver/request.ts";
import type { Client } from "#client/client.ts";
import { simulatedNode } from "#kubelet/simulated-node.ts";
import type { Clock } from "#machinery/clock.ts";
import { type Random, timeUntilNext } from "#machinery/random.ts";
import type { Log } from "../logging.ts";
import { describeNode, podRangeOf } from "./describe-node.ts";
import { boundsOf, drawBetween } from "./fleet.ts";
import { NodeLife } from "./node-life.ts";
import type { SimulatedKubelets } from "./simulated-kubelets.ts";

export interface SimulatedNodesOptions {
  readonly count: number;
  readonly fleet: Fleet;
  /** Told of kubelets that run. */
  readonly kubelets: SimulatedKubelets;
  clientFor(user: User): Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const usualPodStart = [50, 150] as const;
const usualNodeDown = [60_000, 300_000] as const;

/** Nodes sim-1, sim-2 … in this process: real kubelets over a runtime that only pretends. Returns how to stop them. */
export function startSimulatedNodes(options: SimulatedNodesOptions): () => Promise<void> {
  const lives = Array.from({ length: options.count }, (_, index) => lifeOf(index + 1, options));
  for (const life of lives) life.start();
  return async () => {
    await Promise.all(lives.map((life) => life.stop()));
  };
}

function lifeOf(number: number, { fleet, kubelets, clientFor, clock, random, log }: SimulatedNodesOptions): NodeLife {
  const node = describeNode(number, fleet);
  const user = { name: `system:node:${node.name}`, groups: ["system:nodes", "system:authenticated"], extra: {} };
  const { nodeFailuresPerHour = 0, podFailuresPerHour = 0 } = fleet;
  const failed = (what: string, error: Error): void => log(`${node.name} could not ${what} and tries again`, error);
  return new NodeLife({
    clock,
    startsAfter: () => drawBetween(boundsOf(fleet.nodeStart, [0, 0]), random),
    failsAfter: () => timeUntilNext(nodeFailuresPerHour, random),
    downFor: () => drawBetween(boundsOf(fleet.nodeDown, usualNodeDown), random),
    boot() {
      const { kubelet } = simulatedNode({
        client: clientFor(user), clock, random, node, podRange: podRangeOf(node), failuresPerHour: podFailuresPerHour,
        sandboxMilliseconds: boundsOf(fleet.podStart, usualPodStart), failed,
      });
      void kubelet.start();
      kubelets.add(node, kubelet, clock, failed);
      return {
        stop() {
          kubelets.remove(node);
          return kubelet.stop();
        },
      };
    },
  });
}
