import { badRequest, methodNotAllowed, StatusError } from "#machinery/status-error.ts";
import type { Answer } from "./answer.ts";
import type { RequestContext } from "./api-request.ts";
import { create } from "./endpoints/create.ts";
import { deleteCollection } from "./endpoints/delete-collection.ts";
import { remove } from "./endpoints/delete.ts";
import { get } from "./endpoints/get.ts";
import { list } from "./endpoints/list.ts";
import { patch } from "./endpoints/patch.ts";
import { checkWriteOptions } from "./endpoints/request-options.ts";
import type { ResourceContext } from "./endpoints/resource-context.ts";
import { update } from "./endpoints/update.ts";
import { watch } from "./endpoints/watch.ts";
import type { ServedKind } from "./kind-registry.ts";
import type { ResourceRequest } from "./request.ts";
import type { PathRoute, ResourceRoute } from "./route.ts";
import type { ServerParts } from "./server-parts.ts";
import { scale } from "./subresources/scale.ts";

type Endpoint = (context: ResourceContext) => Promise<Answer>;

/** What every stored kind does. */
const verbs: { readonly [verb: string]: Endpoint } = {
  create, get, list, watch, update, patch, delete: remove, deletecollection: deleteCollection,
};

/** What their status does. */
const statusVerbs: { readonly [verb: string]: Endpoint } = { get, update, patch };

/** Patches check theirs themselves: these depend on the patch's type. */
const writeOptions: { readonly [verb: string]: "CreateOptions" | "UpdateOptions" } = { create: "CreateOptions", update: "UpdateOptions" };

const scaleVerbs: readonly string[] = ["get", "update", "patch"];

/** Leads an authorized request to its endpoint. */
export class Router {
  readonly #parts: ServerParts;
  readonly #paths = new Map<string, PathRoute>();
  readonly #resources = new Map<string, ResourceRoute[]>();

  constructor(parts: ServerParts, paths: readonly PathRoute[], resources: readonly ResourceRoute[]) {
    this.#parts = parts;
    for (const route of resources) {
      const key = routeKey(route);
      this.#resources.set(key, [...(this.#resources.get(key) ?? []), route]);
    }
    for (const route of paths) this.#paths.set(route.path, route);
  }

  /** @throws StatusError (404, 405), and what the endpoint throws */
  async answer(context: RequestContext): Promise<Answer> {
    const { resource } = context.info;
    const served = resource && this.#parts.registry.find(resource.group, resource.version, resource.resource);
    if (!served) return this.#parts.aggregation?.answer(context) ?? this.#answerPath(context);
    const endpoint = this.#endpoint(context.info.verb, served, resource);
    if (served.kind.deprecation !== undefined) context.warn(served.kind.deprecation);
    checkOptions(context, resource);
    if (served.deprecation !== undefined) context.warn(served.deprecation);
    if (!resource.subresource) context.request.checkAcceptable(served.kind, context.info.verb === "watch");
    const { request, info, user, warnings } = context;
    return endpoint({ request, info, user, warnings, warn: (message) => context.warn(message), parts: this.#parts, served, resource });
  }

  #endpoint(verb: string, { kind, storage }: ServedKind, resource: ResourceRequest): Endpoint {
    const { group, subresource } = resource;
    const own = this.#resources.get(routeKey(resource))?.find(({ version }) => version === undefined || version === resource.version);
    if (own) {
      if (!own.verbs.includes(verb)) throw methodNotAllowed({ group, resource: resource.resource }, verb);
      return async (context) => own.answer(context);
    }
    if (subresource === "scale" && kind.subresources?.scale) {
      if (!scaleVerbs.includes(verb)) throw notAllowedHere();
      return scale;
    }
    const isStatus = subresource === "status" && kind.subresources?.status === true;
    if (subresource !== undefined && !isStatus) throw unknownPath();
    const endpoint = isStatus ? statusVerbs[verb] : verbs[verb];
    const offered = isStatus || kind.verbs.some((each) => each === verb);
    const placed = !kind.namespaced || resource.namespace !== "" || verb === "list" || verb === "watch" || verb === "deletecollection";
    if (!endpoint || !offered || !storage || !placed) throw notAllowedHere();
    return endpoint;
  }

  async #answerPath(context: RequestContext): Promise<Answer> {
    const { path } = context.info;
    for (let candidate = path; candidate !== ""; candidate = parentOf(candidate)) {
      const route = this.#paths.get(candidate);
      if (route) return route.answer(context);
    }
    throw unknownPath();
  }
}

/** Subresources whose requests go on to somebody else, with a query that is none of ours. */
const connections: ReadonlySet<string | undefined> = new Set(["attach", "exec", "portforward", "proxy"]);

/** @throws StatusError (400, 422) */
function checkOptions(context: RequestContext, { subresource }: ResourceRequest): void {
  const options = writeOptions[context.info.verb];
  if (!connections.has(subresource)) return options && checkWriteOptions(context, options);
  if (context.request.query.has("dryRun")) throw badRequest("dryRun is not supported");
}

function routeKey({ group, resource, subresource }: Pick<ResourceRequest, "group" | "resource" | "subresource">): string {
  return `${group}/${resource}/${subresource ?? ""}`;
}

/** `/a/b` → `/a/` → `/` → "" */
function parentOf(path: string): string {
  if (path === "/") return "";
  return path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
}

function unknownPath(): StatusError {
  return new StatusError({ code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} });
}

function notAllowedHere(): StatusError {
  return new StatusError({
    code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {},
  });
}
