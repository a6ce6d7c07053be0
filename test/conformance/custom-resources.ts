import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { HttpClient } from "#apiserver/testing/http-client.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import type { Stage } from "./conformance.ts";
import { plainHttp } from "./plain-http.ts";

export type Schema = { readonly [property: string]: unknown };

export const anything: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
export const metadata: Schema = { type: "object" };

/** A noxu, as a client without types writes it. */
export function instance(group: string, name: string, spec: object, more: object = {}) {
  return { apiVersion: `${group}/v1`, kind: "Noxu", metadata: { name, ...more }, spec };
}

/** Of the noxus whose definition has this group. */
export const noxusOf = (group: string, version = "v1"): KindReference<Noxu> => ({ group, version, kind: "Noxu", plural: "noxus", namespaced: true });

export interface Noxu extends KubeObject {
  readonly [field: string]: unknown;
}

/** A definition of noxus in a group of the stage's own, of one version v1. @param spec adds to the rest of it */
export function definition({ namespace }: Stage, schema: Schema, suffix = "", spec: object = {}): New<CustomResourceDefinition> {
  const [group, plural] = [`${namespace}${suffix}.example.com`, "noxus"];
  return {
    metadata: { name: `${plural}.${group}`, labels: { [namespace]: "crd" } },
    spec: {
      group, scope: "Namespaced", names: { plural, singular: "noxu", kind: "Noxu", listKind: "NoxuList" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }], ...spec,
    },
  } as New<CustomResourceDefinition>;
}

export interface ServedNoxus {
  readonly http: HttpClient;
  readonly group: string;
  /** Of those in the stage's namespace. */
  readonly path: string;
}

/** Makes a definition and waits until its instances are served. */
export async function served(stage: Stage, schema: Schema, spec: object = {}): Promise<ServedNoxus> {
  const { of, until, namespace, cluster } = stage;
  const { metadata: { name }, spec: { group } } = await of(CustomResourceDefinition).create(definition(stage, schema, "", spec));
  await until("the definition is established", async () =>
    (await of(CustomResourceDefinition).get("", name)).status?.conditions?.some(({ type, status }) => type === "Established" && status === "True"));
  return { http: await plainHttp(cluster), group, path: `/apis/${group}/v1/namespaces/${namespace}/noxus` };
}
