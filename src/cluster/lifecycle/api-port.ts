import { createServer } from "node:net";
import type { ClusterRecord } from "../clusters.ts";
import { SetupError } from "../setup/setup-error.ts";

const firstPort = 6443;
const portsTried = 200;

/** The first port from 6443 on that is free and no other cluster's. @throws SetupError when 200 are taken */
export async function freePort(others: readonly ClusterRecord[]): Promise<number> {
  const reserved = new Set(others.map(({ port }) => port));
  for (let port = firstPort; port < firstPort + portsTried; port++) {
    if (!reserved.has(port) && (await isFree(port))) return port;
  }
  throw new SetupError(`ports ${firstPort} to ${firstPort + portsTried - 1} are all taken: choose one with --port`);
}

/** @throws SetupError that says who has the port, where that is known */
export async function refuseTakenPort(port: number, others: readonly ClusterRecord[]): Promise<void> {
  if (await isFree(port)) return;
  throw portTaken(port, others.find((other) => other.port === port)?.name);
}

/** @param cluster that has it, if one of ours has */
export function portTaken(port: number, cluster?: string): SetupError {
  return new SetupError(`port ${port} is taken by ${cluster === undefined ? "another program" : `cluster ${cluster}`}: choose another with --port`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
