import type { ConfigMap, EnvFromSource, EnvVar, Pod, Secret, Service } from "#api/generated/core-v1.ts";
import type { AnyContainer } from "../containers.ts";
import { expand } from "./expand.ts";
import { type FieldFacts, fieldValue, resourceValue } from "./field-values.ts";
import { serviceVariables } from "./service-variables.ts";

/** The API objects that a pod's containers are made from. */
export interface ObjectLookup {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** Those of a namespace. */
  services(namespace: string): Promise<readonly Service[]>;
}

export interface EnvironmentInput {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly lookup: ObjectLookup;
  readonly facts: FieldFacts;
}

/** A container's environment, in order. @throws Error which says what is missing */
export async function containerEnvironment(input: EnvironmentInput): Promise<ReadonlyMap<string, string>> {
  const { container } = input;
  const services = new Map(serviceVariables(await visibleServices(input)));
  const variables = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [name, value] of await allOf(input, source)) variables.set(name, value);
  }
  const valueOf = (name: string): string | undefined => variables.get(name) ?? services.get(name);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom === undefined ? expand(variable.value ?? "", valueOf) : await referenced(input, variable);
    if (value !== undefined) variables.set(variable.name, value);
  }
  for (const [name, value] of services) if (!variables.has(name)) variables.set(name, value);
  return variables;
}

/** The API itself is visible from every namespace. */
async function visibleServices({ pod, lookup }: EnvironmentInput): Promise<readonly Service[]> {
  const { namespace } = pod.metadata;
  const api = (await lookup.services("default")).filter(({ metadata }) => metadata.name === "kubernetes");
  if (!pod.spec.enableServiceLinks) return api;
  const own = (await lookup.services(namespace)).filter(({ metadata }) => !(namespace === "default" && metadata.name === "kubernetes"));
  return [...api.filter(() => !own.some(({ metadata }) => metadata.name === "kubernetes")), ...own];
}

async function allOf(input: EnvironmentInput, { prefix = "", configMapRef, secretRef }: EnvFromSource): Promise<[string, string][]> {
  const values: [string, string][] = [];
  if (configMapRef !== undefined) {
    const found = await findConfigMap(input, configMapRef.name ?? "", configMapRef.optional);
    values.push(...Object.entries(found?.data ?? {}));
  }
  if (secretRef !== undefined) {
    const found = await findSecret(input, secretRef.name ?? "", secretRef.optional);
    values.push(...Object.entries(found?.data ?? {}).map(([key, value]): [string, string] => [key, decoded(value)]));
  }
  return values.map(([key, value]): [string, string] => [prefix + key, value]).filter(([name]) => isName(name)).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** KEP-4369: any printable ASCII but `=`. */
function isName(name: string): boolean {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name);
}

async function referenced(input: EnvironmentInput, { name, valueFrom }: EnvVar): Promise<string | undefined> {
  const { pod, container, facts } = input;
  const { namespace } = pod.metadata;
  if (valueFrom?.fieldRef !== undefined) return fieldValue(pod, valueFrom.fieldRef, facts);
  if (valueFrom?.resourceFieldRef !== undefined) return resourceValue(pod, container, valueFrom.resourceFieldRef, facts);
  if (valueFrom?.configMapKeyRef !== undefined) {
    const { name: of = "", key, optional } = valueFrom.configMapKeyRef;
    const found = await findConfigMap(input, of, optional);
    const value = found?.data?.[key];
    if (found !== undefined && value === undefined && optional !== true) throw new Error(`couldn't find key ${key} in ConfigMap ${namespace}/${of}`);
    return value;
  }
  if (valueFrom?.secretKeyRef !== undefined) {
    const { name: of = "", key, optional } = valueFrom.secretKeyRef;
    const found = await findSecret(input, of, optional);
    const value = found?.data?.[key];
    if (found !== undefined && value === undefined && optional !== true) throw new Error(`couldn't find key ${key} in Secret ${namespace}/${of}`);
    return value === undefined ? undefined : decoded(value);
  }
  throw new Error(`environment variable "${name}": fileKeyRef is not supported by this node`);
}

async function findConfigMap({ pod, lookup }: EnvironmentInput, name: string, optional: boolean | undefined): Promise<ConfigMap | undefined> {
  const found = await lookup.configMap(pod.metadata.namespace, name);
  if (found === undefined && optional !== true) throw new Error(`configmap "${name}" not found`);
  return found;
}

async function findSecret({ pod, lookup }: EnvironmentInput, name: string, optional: boolean | undefined): Promise<Secret | undefined> {
  const found = await lookup.secret(pod.metadata.namespace, name);
  if (found === undefined && optional !== true) throw new Error(`secret "${name}" not found`);
  return found;
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
