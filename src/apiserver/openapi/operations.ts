import type { Kind } from "#machinery/kind.ts";
import { type Subresource, subresourcesOf } from "../discovery/subresources.ts";
import { type Action, actionParameters, namePath, namespacePath, type Parameter, restPath, subresourceParameters } from "./parameters.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete" | "head" | "options";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One method of one path, in neither version of OpenAPI yet. */
export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly description: string;
  /** How kubectl and others recognize what it does: `x-kubernetes-action`. */
  readonly action: Action | "connect";
  readonly kind: GroupVersionKind;
  /** In the query; those in the path are the path's. */
  readonly parameters: readonly Parameter[];
  /** `patch` takes any of the patch formats. */
  readonly body: Body | undefined;
  readonly answer: Body;
  readonly created: boolean;
}

/** What is sent or answered: an object of a kind, a list of them, some bytes. */
export type Body =
  | { readonly is: "object" | "list"; readonly of: GroupVersionKind }
  | { readonly is: "patch" | "status" | "deleteOptions" | "watchEvent" | "text" };

export interface Path {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

/** All paths of a kind: its collections, its objects, their subresources. */
export function pathsOf(kind: Kind): readonly Path[] {
  if (kind.verbs.length === 0) return [];
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.namespaced ? "/namespaces/{namespace}" : "";
  const inScope = kind.namespaced ? [namespacePath] : [];
  const collection = `${root}${scope}/${kind.plural}`;
  const writer = new OperationWriter(kind);
  const inAllNamespaces = { path: `${root}/${kind.plural}`, parameters: [], operations: writer.everywhere() };
  return [
    { path: collection, parameters: inScope, operations: writer.collection() },
    { path: `${collection}/{name}`, parameters: [namePath, ...inScope], operations: writer.object() },
    ...(kind.namespaced && kind.verbs.includes("list") ? [inAllNamespaces] : []),
    ...(kind.verbs.includes("watch") ? watchPathsOf(kind, writer, { root, scope, inScope }) : []),
    ...subresourcesOf(kind).flatMap((subresource) => {
      const path = `${collection}/{name}/${subresource.name}`;
      const own = { path, parameters: [namePath, ...inScope], operations: writer.subresource(subresource, "") };
      if (subresource.name !== "proxy") return [own];
      return [own, { path: `${path}/{path}`, parameters: [namePath, ...inScope, restPath], operations: writer.subresource(subresource, "WithPath") }];
    }),
  ].filter(({ operations }) => operations.length > 0);
}

interface Place {
  readonly root: string;
  /** Between the root and the plural. */
  readonly scope: string;
  readonly inScope: readonly Parameter[];
}

/** The old way to watch: a path of its own in place of a parameter. */
function watchPathsOf({ namespaced, plural }: Kind, writer: OperationWriter, { root, scope, inScope }: Place): readonly Path[] {
  const collection = `${root}/watch${scope}/${plural}`;
  return [
    { path: collection, parameters: inScope, operations: [writer.watch("watchlist")] },
    { path: `${collection}/{name}`, parameters: [namePath, ...inScope], operations: [writer.watch("watch")] },
    ...(namespaced ? [{ path: `${root}/watch/${plural}`, parameters: [], operations: [writer.watchEverywhere()] }] : []),
  ];
}

const connectMethods: { readonly [name: string]: readonly Method[] } = {
  attach: ["get", "post"], exec: ["get", "post"], portforward: ["get", "post"],
  proxy: ["get", "post", "put", "patch", "delete", "head", "options"],
};

class OperationWriter {
  readonly #kind: Kind;
  /** As in `readCoreV1NamespacedPod`: what follows the verb. */
  readonly #prefix: string;
  readonly #gvk: GroupVersionKind;

  constructor(kind: Kind) {
    this.#kind = kind;
    this.#gvk = { group: kind.group, version: kind.version, kind: kind.kind };
    this.#prefix = camel(kind);
  }

  collection(): readonly Operation[] {
    const object: Body = { is: "object", of: this.#gvk };
    return [
      ...this.#if("list", () => this.#operation("get", "list", "list", "", undefined, { is: "list", of: this.#gvk })),
      ...this.#if("create", () => this.#operation("post", "post", "create", "", object, object)),
      ...this.#if("deletecollection", () =>
        this.#operation("delete", "deletecollection", "delete", "", { is: "deleteOptions" }, { is: "status" }, "Collection")),
    ];
  }

  object(): readonly Operation[] {
    return [
      ...this.#readAndWrite(this.#gvk, ["get", "update", "patch"].filter((verb) => this.#kind.verbs.some((each) => each === verb)), ""),
      ...this.#if("delete", () => this.#operation("delete", "delete", "delete", "", { is: "deleteOptions" }, { is: "status" })),
    ];
  }

  everywhere(): readonly Operation[] {
    const list = this.#operation("get", "list", "list", "", undefined, { is: "list", of: this.#gvk });
    return [{ ...list, id: `list${this.#prefix}${this.#kind.kind}ForAllNamespaces` }];
  }

  /** Of a collection, or of one object. */
  watch(action: "watchlist" | "watch"): Operation {
    return this.#operation("get", action, "watch", action === "watchlist" ? "List" : "", undefined, { is: "watchEvent" });
  }

  watchEverywhere(): Operation {
    return { ...this.watch("watchlist"), id: `watch${this.#prefix}${this.#kind.kind}ListForAllNamespaces` };
  }

  subresource({ name, group, version, kind, verbs }: Subresource, suffix: string): readonly Operation[] {
    const of = { group, version, kind };
    const ending = `${capitalized(name)}${suffix}`;
    const connecting = connectMethods[name];
    if (connecting) {
      return connecting.map((method) => ({
        ...this.#operation(method, "get", `connect`, ending, undefined, { is: "text" }, "", capitalized(method)),
        action: "connect" as const, kind: of, parameters: subresourceParameters[name] ?? [],
      }));
    }
    if (name === "log") {
      return [{ ...this.#operation("get", "get", "read", ending, undefined, { is: "text" }), parameters: subresourceParameters["log"] ?? [] }];
    }
    const object: Body = { is: "object", of };
    return verbs.includes("create")
      ? [{ ...this.#operation("post", "post", "create", ending, object, object), kind: of }]
      : this.#readAndWrite(of, verbs, ending);
  }

  #readAndWrite(of: GroupVersionKind, verbs: readonly string[], ending: string): readonly Operation[] {
    const object: Body = { is: "object", of };
    const all: readonly (readonly [string, () => Operation])[] = [
      ["get", () => this.#operation("get", "get", "read", ending, undefined, object)],
      ["update", () => this.#operation("put", "put", "replace", ending, object, object)],
      ["patch", () => this.#operation("patch", "patch", "patch", ending, { is: "patch" }, object)],
    ];
    return all.filter(([verb]) => verbs.includes(verb)).map(([, make]) => ({ ...make(), kind: of }));
  }

  #if(verb: Kind["verbs"][number], make: () => Operation): readonly Operation[] {
    return this.#kind.verbs.includes(verb) ? [make()] : [];
  }

  #operation(method: Method, action: Action, verb: string, ending: string, body: Body | undefined, answer: Body, what = "", how = ""): Operation {
    const { namespaced, kind } = this.#kind;
    return {
      method, action, body, answer,
      id: `${verb}${this.#prefix}${how}${what}${namespaced ? "Namespaced" : ""}${kind}${ending}`,
      description: `${capitalized(verb)} ${what === "" ? "" : "a collection of "}${kind}${ending === "" ? "" : ` (${ending.toLowerCase()})`}.`,
      kind: this.#gvk,
      parameters: actionParameters[action],
      created: action === "post",
    };
  }
}

/** `rbac.authorization.k8s.io/v1` → `RbacAuthorizationV1`; the core group is `CoreV1`. */
function camel({ group, version }: Kind): string {
  const name = group === "" ? "core" : group.replace(/\.k8s\.io$/, "");
  return `${name.split(/[.-]/).map(capitalized).join("")}${capitalized(version)}`;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
