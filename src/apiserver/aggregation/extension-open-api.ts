import type { APIService } from "#api/apiregistration/api-service.ts";
import { isJsonObject } from "#machinery/json.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
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
