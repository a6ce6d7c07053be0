import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";

/** What kubectl needs to reach a cluster. */
export interface Access {
  /** Name of context, cluster and user. */
  readonly name: string;
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly certificate: string;
  readonly key: string;
}

interface Named {
  readonly name: string;
}

/** A kubeconfig file, as far as it is touched here; the rest is kept as it is (API reference: client-go Config v1). */
interface Config {
  readonly clusters?: readonly Named[] | null;
  readonly contexts?: readonly Named[] | null;
  readonly users?: readonly Named[] | null;
  readonly "current-context"?: string;
  readonly [other: string]: unknown;
}

/** A config with this access alone. */
export function kubeconfigOf(access: Access): string {
  return stringify(withAccess(undefined, access));
}

/** Adds or renews the access in a kubeconfig file, and makes its context the current one. */
export function addToKubeconfig(file: string, access: Access): void {
  write(file, withAccess(read(file), access));
}

/** Takes context, cluster and user of that name away. */
export function removeFromKubeconfig(file: string, name: string): void {
  const config = read(file);
  if (!config?.contexts?.some((context) => context.name === name)) return;
  const without = (list: readonly Named[] | null | undefined): readonly Named[] => (list ?? []).filter((entry) => entry.name !== name);
  const current = config["current-context"] === name ? "" : config["current-context"];
  const { clusters, contexts, users } = config;
  write(file, { ...config, clusters: without(clusters), contexts: without(contexts), users: without(users), "current-context": current });
}

function withAccess(config: Config | undefined, { name, server, ...pem }: Access): Config {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    ...config,
    clusters: having(config?.clusters, { name, cluster: { server, "certificate-authority-data": base64(pem.certificateAuthority) } } as Named),
    contexts: having(config?.contexts, { name, context: { cluster: name, user: name } } as Named),
    users: having(config?.users, {
      name, user: { "client-certificate-data": base64(pem.certificate), "client-key-data": base64(pem.key) },
    } as Named),
    "current-context": name,
  };
}

function having(list: readonly Named[] | null | undefined, entry: Named): readonly Named[] {
  return [...(list ?? []).filter(({ name }) => name !== entry.name), entry];
}

/** @throws Error that names the file when it is no kubeconfig: it is not ours to overwrite. */
function read(file: string): Config | undefined {
  if (!existsSync(file) || statSync(file).size === 0) return undefined;
  let config: unknown;
  try {
    config = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file} is not YAML: mend it or move it away, then try again`, { cause });
  }
  if (config === null) return undefined;
  if (typeof config !== "object" || Array.isArray(config)) throw new Error(`${file} is no kubeconfig: mend it or move it away, then try again`);
  return config as Config;
}

function write(file: string, config: Config): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.knarr`, stringify(config), { mode: 0o600 });
  renameSync(`${file}.knarr`, file);
}
