import type { Kind } from "#machinery/kind.ts";

export interface Subresource {
  readonly name: string;
  /** The kind of its bodies. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** In alphabetical order. */
  readonly verbs: readonly string[];
}

const readAndWrite = ["get", "patch", "update"];
const connect = ["create", "get"];
const proxy = ["create", "delete", "get", "patch", "update"];

interface Special {
  readonly verbs: readonly string[];
  /** Its own kind where absent. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

/** Subresources by name (`pods/exec` where the name alone does not tell). */
const special: { readonly [name: string]: Special } = {
  approval: { verbs: readAndWrite },
  attach: { verbs: connect, kind: "PodAttachOptions" },
  binding: { verbs: ["create"], kind: "Binding" },
  ephemeralcontainers: { verbs: readAndWrite },
  eviction: { verbs: ["create"], kind: "Eviction", group: "policy", version: "v1" },
  exec: { verbs: connect, kind: "PodExecOptions" },
  finalize: { verbs: ["update"] },
  log: { verbs: ["get"] },
  portforward: { verbs: connect, kind: "PodPortForwardOptions" },
  "nodes/proxy": { verbs: proxy, kind: "NodeProxyOptions" },
  "pods/proxy": { verbs: proxy, kind: "PodProxyOptions" },
  "services/proxy": { verbs: proxy, kind: "ServiceProxyOptions" },
  resize: { verbs: readAndWrite },
  token: { verbs: ["create"], kind: "TokenRequest", group: "authentication.k8s.io", version: "v1" },
};

/** A kind's subresources, by name. */
export function subresourcesOf(kind: Kind): readonly Subresource[] {
  const { status, scale, others = [] } = kind.subresources ?? {};
  const own = { group: kind.group, version: kind.version, kind: kind.kind, verbs: readAndWrite };
  return [
    ...(status ? [{ ...own, name: "status" }] : []),
    ...(scale ? [{ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: readAndWrite }] : []),
    ...others.map((name) => ({ ...own, ...(special[`${kind.plural}/${name}`] ?? special[name]), name })),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
}
