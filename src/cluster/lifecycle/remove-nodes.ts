import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { ClusterRecord } from "../clusters.ts";
import { deletePlatform } from "../nodes/platform.ts";
import { stopService } from "../processes.ts";
import { surplusNodes } from "./changes.ts";
import { platformOptions } from "./node-options.ts";
import { nodeService, nodesEver } from "./services.ts";

const patienceMilliseconds = 15_000;

/** Ends the nodes that the cluster had and has no more, with their containers and all that they kept. */
export async function removeSurplusNodes(record: ClusterRecord): Promise<void> {
  await Promise.all(surplusNodes(nodesEver(record), record).map(async (node) => {
    await stopService(nodeService(record, node), patienceMilliseconds);
    await deletePlatform(platformOptions(record, node));
  }));
}

/** Takes their Node objects away, and at once their pods, so that controllers make others elsewhere. */
export async function forgetSurplusNodes(client: Client, record: ClusterRecord): Promise<void> {
  const { items } = await client.of(Node).list("");
  const names = surplusNodes(items.map(({ metadata }) => metadata.name), record);
  if (names.length === 0) return;
  for (const name of names) await unlessGone(client.of(Node).delete("", name));
  const gone = new Set(names);
  const pods = await client.of(Pod).list("");
  const lost = pods.items.filter(({ spec }) => spec.nodeName !== undefined && gone.has(spec.nodeName));
  for (const { metadata } of lost) await unlessGone(client.of(Pod).delete(metadata.namespace ?? "", metadata.name, { gracePeriodSeconds: 0 }));
}

async function unlessGone(deleting: Promise<unknown>): Promise<void> {
  await deleting.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
