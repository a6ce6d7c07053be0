import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { readSchedulerConfiguration } from "../control-plane/scheduler-configuration.ts";
import { clusterPaths } from "../paths.ts";

/**
 * Makes a file the cluster's own scheduler configuration, which stays until another one is given.
 * @param file absent: all stays as it is
 * @returns whether anything changed
 * @throws SetupError where it is wrong
 */
export async function adoptSchedulerConfiguration(file: string | undefined, dataDirectory: string): Promise<boolean> {
  if (file === undefined) return false;
  await readSchedulerConfiguration(file);
  const own = clusterPaths(dataDirectory).schedulerConfiguration;
  if (existsSync(own) && readFileSync(own).equals(readFileSync(file))) return false;
  copyFileSync(file, own);
  return true;
}
