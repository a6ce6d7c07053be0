import { isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import type { ContainerReading, NodeReading, PodReading, Usage } from "./node-reading.ts";

/** Reads a kubelet's `/stats/summary` (stats/v1alpha1 Summary). A pod counts when all of its containers are known. */
export function readSummary(summary: unknown): NodeReading {
  if (!isJsonObject(summary)) return { pods: [] };
  const node = usageOf(summary["node"]);
  return { ...(node ? { node } : {}), pods: objects(summary["pods"]).flatMap((pod) => podOf(pod) ?? []) };
}

function podOf({ podRef, containers }: JsonObject): PodReading | undefined {
  if (!isJsonObject(podRef)) return undefined;
  const { namespace, name } = podRef;
  const all = objects(containers).map(containerOf);
  const known = all.filter((container) => container !== undefined);
  if (typeof namespace !== "string" || typeof name !== "string" || known.length === 0 || known.length < all.length) return undefined;
  return { namespace, name, containers: known };
}

function containerOf(container: JsonObject): ContainerReading | undefined {
  const usage = usageOf(container);
  const { name } = container;
  return usage && typeof name === "string" ? { name, ...usage } : undefined;
}

function usageOf(value: Json | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const [nanoCores, memoryBytes] = [numberIn(value["cpu"], "usageNanoCores"), numberIn(value["memory"], "workingSetBytes")];
  return nanoCores === undefined || memoryBytes === undefined ? undefined : { nanoCores, memoryBytes };
}

function numberIn(value: Json | undefined, field: string): number | undefined {
  const number = isJsonObject(value) ? value[field] : undefined;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
