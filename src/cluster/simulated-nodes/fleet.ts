import { readFileSync } from "node:fs";
import { builtInSchemas } from "#api/define-kind.ts";
import type { Fleet, NodeShape, TimeSpan } from "#api/generated/simulation-v1.ts";
import { parseDuration } from "#machinery/duration.ts";
import type { Random } from "#machinery/random.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { applyDefaults } from "#machinery/schema/default.ts";
import { validateStructure } from "#machinery/schema/validate.ts";
import { StatusError } from "#machinery/status-error.ts";
import { SetupError } from "../setup/setup-error.ts";

/** What simulated nodes are like where nothing else is said. */
export const plainFleet: Fleet = { apiVersion: "simulation.knarr.dev/v1", kind: "Fleet" };

/** Reads a fleet from a YAML file. @throws SetupError that names the file and the field */
export async function readFleet(file: string): Promise<Fleet> {
  const { parseYaml } = await import("#machinery/yaml.ts");
  const refuse = (what: string): never => {
    throw new SetupError(`${file} is no fleet of simulated nodes: ${what}: see docs/simulation.md`);
  };
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SetupError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code}): give --fleet the path of a YAML file`);
  }
  try {
    return fleetOf(parseYaml(text), refuse);
  } catch (error) {
    if (error instanceof SetupError || !(error instanceof Error)) throw error;
    return refuse(error instanceof StatusError ? error.message : error.message.split("\n")[0] ?? "");
  }
}

/** @param refuse told of the first thing that is wrong @throws StatusError for a value of a wrong type */
export function fleetOf(value: unknown, refuse: (what: string) => never): Fleet {
  const message = builtInSchemas.message("simulation/v1.Fleet");
  const { value: draft, problems: [problem] } = decodeMessage(message, value);
  if (problem !== undefined) return refuse(problem);
  if (draft["apiVersion"] !== plainFleet.apiVersion || draft["kind"] !== plainFleet.kind) {
    return refuse(`it begins with "apiVersion: ${plainFleet.apiVersion}" and "kind: ${plainFleet.kind}"`);
  }
  applyDefaults(message, draft);
  const [error] = validateStructure(message, draft);
  if (error) return refuse(`${error.field}: ${error.message}`);
  return draft as unknown as Fleet;
}

/** How many nodes there are unless a number is asked for. */
export function nodesIn({ shapes = [] }: Fleet): number {
  return shapes.reduce((sum, { count }) => sum + count, 0);
}

/** The shape of the node with this index, from 0: shapes come in turn, each as often as its count says. */
export function shapeOf(fleet: Fleet, index: number): NodeShape | undefined {
  let place = index % Math.max(1, nodesIn(fleet));
  for (const shape of fleet.shapes ?? []) {
    if (place < shape.count) return shape;
    place -= shape.count;
  }
  return undefined;
}

/** From least to most, in milliseconds; the other two where the fleet does not say. */
export function boundsOf(span: TimeSpan | undefined, otherwise: readonly [number, number]): readonly [number, number] {
  if (span === undefined) return otherwise;
  const least = parseDuration(span.least ?? "0") ?? 0;
  return [least, Math.max(least, parseDuration(span.most ?? "0") ?? 0)];
}

/** A time between two bounds, in milliseconds. */
export function drawBetween([least, most]: readonly [number, number], random: Random): number {
  return least + random.fraction() * (most - least);
}
