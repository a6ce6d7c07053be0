import type { Pod, Secret } from "#api/generated/core-v1.ts";
import type { ObjectLookup } from "./environment/container-environment.ts";
import type { RegistryCredentials } from "./runtime/runtime.ts";

/** What the pod's pull secrets hold for an image's registry, the most specific first (Kubernetes "Pull an Image from a Private Registry"). */
export async function pullCredentials(lookup: Pick<ObjectLookup, "secret">, pod: Pod, image: string): Promise<readonly RegistryCredentials[]> {
  const found: { pattern: string; credentials: RegistryCredentials }[] = [];
  for (const { name = "" } of pod.spec.imagePullSecrets ?? []) {
    const secret = await lookup.secret(pod.metadata.namespace, name);
    if (secret !== undefined) found.push(...entriesOf(secret));
  }
  const target = withRegistry(image);
  const fitting = found.filter(({ pattern }) => matches(pattern, target)).sort((a, b) => b.pattern.length - a.pattern.length);
  return fitting.map(({ credentials }) => credentials);
}

interface DockerEntries {
  readonly [registry: string]: DockerEntry;
}

interface DockerEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
}

function entriesOf({ type, data = {} }: Secret): { pattern: string; credentials: RegistryCredentials }[] {
  const isNew = type === "kubernetes.io/dockerconfigjson";
  const text = Buffer.from(data[isNew ? ".dockerconfigjson" : ".dockercfg"] ?? "", "base64").toString("utf8");
  try {
    const parsed = JSON.parse(text) as { readonly auths?: DockerEntries };
    const entries = isNew ? parsed.auths ?? {} : parsed as DockerEntries;
    return Object.entries(entries).map(([pattern, entry]) => ({ pattern, credentials: credentialsOf(entry) }));
  } catch {
    // A secret that cannot be read holds no credentials; the pull says what it lacks.
    return [];
  }
}

function credentialsOf({ username, password, auth, identitytoken }: DockerEntry): RegistryCredentials {
  const decoded = auth === undefined ? "" : Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  const user = username ?? (colon < 0 ? undefined : decoded.slice(0, colon));
  const secret = password ?? (colon < 0 ? undefined : decoded.slice(colon + 1));
  return {
    ...(user === undefined ? {} : { username: user }), ...(secret === undefined ? {} : { password: secret }),
    ...(identitytoken === undefined ? {} : { identityToken: identitytoken }),
  };
}

/** `nginx` is `docker.io/library/nginx`. */
function withRegistry(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const hasRegistry = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  if (hasRegistry) return image;
  return rest.length === 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
}

/** `registry.example.com/team`, `*.example.com`; Docker's own registry is known by several names. */
function matches(pattern: string, image: string): boolean {
  const plain = pattern.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "").replace(/^(index|registry-1)\.docker\.io/, "docker.io");
  const [patternHost = "", ...patternPath] = plain.split("/");
  const [imageHost = "", ...imagePath] = image.split("/");
  const [patternParts, imageParts] = [patternHost.split("."), imageHost.split(".")];
  const sameHost = patternParts.length === imageParts.length && patternParts.every((part, index) => globMatches(part, imageParts[index] ?? ""));
  return sameHost && imagePath.join("/").startsWith(patternPath.join("/"));
}

function globMatches(pattern: string, text: string): boolean {
  const [start = "", ...others] = pattern.split("*");
  const end = others.at(-1);
  return end === undefined ? text === pattern : text.startsWith(start) && text.endsWith(end) && text.length >= start.length + end.length;
}
