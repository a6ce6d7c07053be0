import type { Fleet } from "#api/generated/simulation-v1.ts";
import type { User } from "#apiserver/request.ts";
import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import { SharedView } from "#kubelet/shared-view.ts";
import { simulatedNode } from "#kubelet/simulated-node.ts";
import type { Clock } from "#machinery/clock.ts";
import { type Random, timeUntilNext } from "#machinery/random.ts";
import type { Log } from "../logging.ts";
import { describeNode, podRangeOf } from "./describe-node.ts";
import { boundsOf, drawBetween, shapeOf } from "./fleet.ts";
import { NodeLife } from "./node-life.ts";
import { publishDevices } from "./publish-devices.ts";
import type { SimulatedKubelets } from "./simulated-kubelets.ts";

export interface SimulatedNodesOptions {
  readonly count: number;
  readonly fleet: Fleet;
  /** Told of kubelets that run. */
  readonly kubelets: SimulatedKubelets;
  /** A client within the process; an administrator's when nobody is named. */
  clientFor(user?: User): Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const usualPodStart = [50, 150] as const;
const usualNodeDown = [60_000, 300_000] as const;

/** What all nodes have in common. */
interface Shared {
  readonly view: SharedView;
  readonly recorder: EventRecorder;
}

/**
 * Nodes sim-1, sim-2 … in this process: real kubelets over a runtime that only pretends. They watch the cluster together, and tell no
 * more events than one kubelet may. Returns how to stop them.
 */
export function startSimulatedNodes(options: SimulatedNodesOptions): () => Promise<void> {
  const { count, clientFor, clock, log } = options;
  const failed = (what: string, error: Error): void => log(`simulated nodes could not ${what}`, error);
  const view = new SharedView({ client: clientFor(), clock, failed });
  const recorder = new EventRecorder({ client: clientFor(), clock, component: "kubelet", failed: (error) => failed("write an event", error) });
  const lives = Array.from({ length: count }, (_, index) => lifeOf(index + 1, options, { view, recorder }));
  for (const life of lives) life.start();
  return async () => {
    await Promise.all(lives.map((life) => life.stop()));
    recorder.stop();
    view.stop();
  };
}

function lifeOf(number: number, options: SimulatedNodesOptions, { view, recorder }: Shared): NodeLife {
  const { fleet, kubelets, clientFor, clock, random, log } = options;
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
      const client = clientFor(user);
      const { kubelet } = simulatedNode({
        client, events: recorder.from({ client, host: node.name }), view: view.of(node.name),
        clock, random, node, podRange: podRangeOf(node), failuresPerHour: podFailuresPerHour,
        sandboxMilliseconds: boundsOf(fleet.podStart, usualPodStart), failed,
      });
      void kubelet.start();
      kubelets.add(node, kubelet, clock, failed);
      let isOver = false;
      void publishDevices({ client, clock, node: node.name, devices: shapeOf(fleet, number - 1)?.devices ?? [], isOver: () => isOver });
      return {
        stop() {
          isOver = true;
          kubelets.remove(node);
          return kubelet.stop();
        },
      };
    },
  });
}
