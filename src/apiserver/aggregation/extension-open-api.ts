import type { APIService } from "#api/apiregistration/api-service.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
import type { DescribedPart } from "../discovery/extension-versions.ts";
import type { ExtensionServers } from "./extension-servers.ts";

/**
 * Where an extension server describes the group and version, in OpenAPI version 3; its address changes with the description.
 *
 * @returns path and query; `undefined` where it describes nothing @throws Error where it does not answer
 */
export async function openApiAddress(service: APIService, servers: ExtensionServers): Promise<string | undefined> {
  const { code, body } = await servers.get(service, "/openapi/v3", "application/json");
  if (code !== 200) return undefined;
  const index = parseJson(body).value;
  const paths = isJsonObject(index) ? index["paths"] : undefined;
  const { group = "", version = "" } = service.spec;
  const path = `apis/${group}/${version}`;
  const described = isJsonObject(paths) ? paths[path] : undefined;
  const address = isJsonObject(described) ? described["serverRelativeURL"] : undefined;
  // Anything else would lead clients somewhere else on this server.
  return typeof address === "string" && address.split("?")[0] === `/openapi/v3/${path}` ? address : undefined;
}

/**
 * What an extension server describes of the group and version in OpenAPI version 2: its paths, and the definitions that they lead to.
 *
 * @returns `undefined` where it describes nothing @throws Error where it does not answer
 */
export async function describedPart(service: APIService, servers: ExtensionServers): Promise<DescribedPart | undefined> {
  const { code, body } = await servers.get(service, "/openapi/v2", "application/json");
  if (code !== 200) return undefined;
  const whole = parseJson(body).value;
  if (!isJsonObject(whole) || !isJsonObject(whole["paths"]) || !isJsonObject(whole["definitions"])) return undefined;
  const { group = "", version = "" } = service.spec;
  const own = `/apis/${group}/${version}/`;
  const paths = Object.fromEntries(Object.entries(whole["paths"]).filter(([path]) => `${path}/`.startsWith(own)));
  return { paths, definitions: reachable(paths, whole["definitions"]) };
}

const definitionReference = "#/definitions/";

function reachable(from: Json, definitions: JsonObject): JsonObject {
  const found: { [name: string]: Json } = {};
  const waiting: Json[] = [from];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (isJsonArray(value)) waiting.push(...value);
    if (!isJsonObject(value)) continue;
    for (const inner of Object.values(value)) if (inner !== undefined) waiting.push(inner);
    const reference = value["$ref"];
    const name = typeof reference === "string" && reference.startsWith(definitionReference) ? reference.slice(definitionReference.length) : "";
    const definition = found[name] === undefined ? definitions[name] : undefined;
    if (definition === undefined) continue;
    found[name] = definition;
    waiting.push(definition);
  }
  return found;
}
