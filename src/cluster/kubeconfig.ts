import { chownSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { SetupError } from "./setup/setup-error.ts";

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

/** Looks before anything is begun. @throws SetupError for a file that could not be written back */
export function checkKubeconfig(file: string): void {
  read(file);
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

/** @throws SetupError when it is no kubeconfig, or cannot be read: it is not ours to overwrite */
function read(file: string): Config | undefined {
  let config: unknown;
  try {
    config = existsSync(file) ? parse(readFileSync(file, "utf8")) : undefined;
  } catch (cause) {
    const { code = "not YAML" } = cause as NodeJS.ErrnoException;
    throw unusable(file, code.startsWith("E") ? code : "not YAML", cause);
  }
  if (config === null || config === undefined) return undefined;
  if (typeof config !== "object" || Array.isArray(config)) throw unusable(file, "no kubeconfig");
  return config as Config;
}

function unusable(file: string, why: string, cause?: unknown): SetupError {
  return new SetupError(`${file} cannot be used (${why}): mend it, move it away, or name another file in KUBECONFIG`, { cause });
}

/** Through a link the file behind it is written, and an owner stays the owner: `sudo knarr up` may write a user's file. */
function write(file: string, config: Config): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const real = existsSync(file) ? realpathSync(file) : file;
    const before = existsSync(real) ? statSync(real) : undefined;
    const { uid, gid } = before ?? statSync(path.dirname(real));
    writeFileSync(`${real}.knarr`, stringify(config), { mode: 0o600 });
    if (process.geteuid?.() === 0) chownSync(`${real}.knarr`, uid, gid);
    renameSync(`${real}.knarr`, real);
  } catch (cause) {
    throw unusable(file, (cause as NodeJS.ErrnoException).code ?? String(cause), cause);
  }
}
