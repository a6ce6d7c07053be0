import type { Answer } from "./answer.ts";
import type { RequestContext } from "./api-request.ts";
import type { ResourceContext } from "./endpoints/resource-context.ts";

/** Something served at a path that is no resource: discovery, OpenAPI, health, metrics. */
export interface PathRoute {
  /** The whole path, such as `/version`; or, ending with a slash, everything below it. The longest match wins. */
  readonly path: string;
  answer(context: RequestContext): Promise<Answer> | Answer;
}

/** A subresource, or a kind that is answered rather than stored, served by code of its own. */
export interface ResourceRoute {
  readonly group: string;
  /** Absent: all versions. */
  readonly version?: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Verbs by the methods of HTTP: create, get, update, patch, delete. */
  readonly verbs: readonly string[];
  answer(context: ResourceContext): Promise<Answer> | Answer;
}
