import { Node } from "#api/core/node.ts";
import type { NodeDevices } from "#api/generated/simulation-v1.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import type { Client } from "#client/client.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import { isAlreadyExists } from "#machinery/status-error.ts";

interface Options {
  readonly client: Client;
  readonly clock: Clock;
  readonly node: string;
  readonly devices: readonly NodeDevices[];
  /** Whether the node is gone again. */
  isOver(): boolean;
}

const retryMilliseconds = 1000;

/** Tells of a node's devices as their drivers would, once the node is registered: the slices go with it. */
export async function publishDevices(options: Options): Promise<void> {
  const { client, clock, node, devices, isOver } = options;
  for (; devices.length > 0 && !isOver(); await sleep(clock, retryMilliseconds)) {
    const owner = await client.of(Node).get("", node).catch(() => undefined);
    if (!owner) continue;
    const done = await Promise.all(devices.map((each) => publish(options, each, owner)));
    if (done.every(Boolean)) return;
  }
}

/** @returns whether it is there */
async function publish({ client, node }: Options, { driver, name, count, attributes, capacity }: NodeDevices, owner: Node): Promise<boolean> {
  const devices = Array.from({ length: count }, (_, index) => ({ name: `${name}-${index}`, attributes, capacity }));
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: node, uid: owner.metadata.uid, controller: true }];
  const spec = { driver, nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1 }, devices };
  try {
    await client.of(ResourceSlice).create({ metadata: { name: `${node}-${driver}`, ownerReferences }, spec });
    return true;
  } catch (error) {
    return isAlreadyExists(error);
  }
}
