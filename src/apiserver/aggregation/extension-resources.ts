import type { APIService } from "#api/apiregistration/api-service.ts";
import { isJsonObject, type JsonObject } from "#machinery/json.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
import type { WholeAnswer } from "../proxy/read-answer.ts";
import type { ExtensionServers } from "./extension-servers.ts";

const aggregatedTypes = ["v2", "v2beta1"].map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);

/**
 * What an extension server serves of an APIService's group and version: from its aggregated discovery, or else from the list that it
 * has for that version alone.
 *
 * @param list its answer at /apis/GROUP/VERSION
 * @returns apidiscovery.k8s.io/v2 APIResourceDiscovery @throws Error where neither can be read
 */
export async function resourcesOf(service: APIService, servers: ExtensionServers, list: WholeAnswer): Promise<readonly JsonObject[]> {
  const { group = "", version = "" } = service.spec;
  const all = await servers.get(service, "/apis", [...aggregatedTypes, "application/json"].join(","));
  if (all.code === 200 && all.contentType.includes("as=APIGroupDiscoveryList")) {
    const found = objectsIn(parseJson(all.body).value, "items").find(({ metadata }) => isJsonObject(metadata) && metadata["name"] === group);
    const served = objectsIn(found, "versions").find((each) => each["version"] === version);
    if (served) return objectsIn(served, "resources").filter(({ resource }) => typeof resource === "string");
  }
  return described(objectsIn(parseJson(list.body).value, "resources"), group, version);
}

/** From meta/v1 APIResource, where a subresource is a resource of its own: `pods/status`. */
function described(resources: readonly JsonObject[], ownGroup: string, ownVersion: string): readonly JsonObject[] {
  const named = resources.map((resource) => ({ resource, name: text(resource["name"]) }));
  const responseKind = ({ group, version, kind }: JsonObject): JsonObject =>
    ({ group: text(group) || ownGroup, version: text(version) || ownVersion, kind: text(kind) });
  const verbsOf = ({ verbs }: JsonObject): JsonObject["verbs"] => (Array.isArray(verbs) ? verbs : []);
  return named.filter(({ name }) => name !== "" && !name.includes("/")).map(({ resource, name }) => {
    const subresources = named.filter((each) => each.name.startsWith(`${name}/`)).map((each) => ({
      subresource: each.name.slice(name.length + 1), responseKind: responseKind(each.resource), verbs: verbsOf(each.resource),
    }));
    const { namespaced, singularName, shortNames, categories } = resource;
    return {
      resource: name, responseKind: responseKind(resource), scope: namespaced === true ? "Namespaced" : "Cluster",
      singularResource: text(singularName), verbs: verbsOf(resource),
      ...(shortNames === undefined ? {} : { shortNames }), ...(categories === undefined ? {} : { categories }),
      ...(subresources.length === 0 ? {} : { subresources }),
    } as JsonObject;
  });
}

function objectsIn(value: unknown, field: string): readonly JsonObject[] {
  const list = isJsonObject(value) ? value[field] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
