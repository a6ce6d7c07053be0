import { existsSync, readFileSync } from "node:fs";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { ClusterRecord } from "../clusters.ts";
import { isRunning, processIds, type Service } from "../processes.ts";
import { adminAccess } from "./admin-access.ts";
import { adminClient } from "./readiness.ts";
import { controlPlaneService, nodeServices } from "./services.ts";

/** Lines that say how a cluster is: its processes with their memory, its nodes, its pods. */
export async function statusOf(record: ClusterRecord): Promise<readonly string[]> {
  const services = [controlPlaneService(record), ...nodeServices(record)];
  const lines = [`${record.name}: https://127.0.0.1:${record.port}, data in ${record.dataDirectory}`, ...services.map(describeService)];
  return isRunning(controlPlaneService(record)) ? [...lines, ...(await describeContents(record))] : lines;
}

function describeService(service: Service): string {
  const ids = processIds(service);
  if (ids.length === 0) return `  ${service.name.padEnd(14)} stopped`;
  const megabytes = ids.reduce((sum, pid) => sum + residentMegabytes(pid), 0);
  return `  ${service.name.padEnd(14)} running, pid ${ids.at(-1)}, ${megabytes.toFixed(0)} MB`;
}

async function describeContents(record: ClusterRecord): Promise<readonly string[]> {
  const client = adminClient(await adminAccess(record));
  try {
    const fromCache = { resourceVersion: "0" };
    const [nodes, pods] = await Promise.all([client.of(Node).list("", fromCache), client.of(Pod).list("", fromCache)]);
    const ready = nodes.items.filter(isReady);
    const running = pods.items.filter(({ status }) => status.phase === "Running");
    return [
      `  ${"nodes".padEnd(14)} ${ready.length} of ${nodes.items.length} ready`,
      `  ${"pods".padEnd(14)} ${running.length} of ${pods.items.length} running`,
    ];
  } catch (error) {
    return [`  the API does not answer: ${(error as Error).message}`];
  } finally {
    await client.transport.close();
  }
}

function isReady({ status }: Node): boolean {
  return status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true;
}

/** Resident memory (proc(5)); 0 where the system does not tell. */
function residentMegabytes(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0) / 1024;
}
