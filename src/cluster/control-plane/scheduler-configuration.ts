import { existsSync, readFileSync } from "node:fs";
import type { Configuration } from "#scheduler/configuration/read-configuration.ts";
import { SetupError } from "../setup/setup-error.ts";

/** Reads a KubeSchedulerConfiguration, YAML or JSON. @throws SetupError that says what is wrong with it */
export async function readSchedulerConfiguration(file: string): Promise<Configuration> {
  const { readConfiguration } = await import("#scheduler/configuration/read-configuration.ts");
  const { parseYaml } = await import("#machinery/yaml.ts");
  try {
    return readConfiguration(parseYaml(readFileSync(file, "utf8")));
  } catch (error) {
    throw new SetupError(`the scheduler's configuration ${file} is not right:\n${(error as Error).message}`);
  }
}

/** That of a cluster's own file; `undefined` where it has none. */
export function ownSchedulerConfiguration(file: string): Promise<Configuration> | undefined {
  return existsSync(file) ? readSchedulerConfiguration(file) : undefined;
}
