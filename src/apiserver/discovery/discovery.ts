import { notAcceptable, StatusError } from "#machinery/status-error.ts";
import { answerDocument, type Document, type DocumentAnswer, jsonDocument } from "../document.ts";
import { type MediaRange, parseAccept, takes } from "../media-ranges.ts";
import { aggregatedDiscovery } from "./aggregated.ts";
import { type ExtensionVersions, noExtensions, withExtensions } from "./extension-versions.ts";
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from "./legacy.ts";
import { isBuiltInGroup, type ServedGroup, type ServedKinds, servedGroups } from "./served-kinds.ts";

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The documents that tell clients what there is, below /api and /apis; each made when first asked for and kept until kinds change. */
export class Discovery {
  readonly #served: ServedKinds;
  readonly #address: string;
  readonly #extensions: ExtensionVersions;
  readonly #documents = new Map<string, Document>();
  #groups: readonly ServedGroup[] | undefined;

  /** @param address host and port under which clients reach this server @param extensions what others serve through it */
  constructor(served: ServedKinds, address: string, extensions = noExtensions) {
    this.#served = served;
    this.#address = address;
    this.#extensions = extensions;
    const forget = (): void => {
      this.#groups = undefined;
      this.#documents.clear();
    };
    served.subscribe(forget);
    extensions.subscribe(forget);
  }

  /** Names of the groups with their versions, for the list of paths. */
  paths(): readonly string[] {
    return this.groups().flatMap(({ name, versions }) => {
      const root = name === "" ? "/api" : `/apis/${name}`;
      return [root, ...versions.map(({ version }) => `${root}/${version}`)];
    });
  }

  groups(): readonly ServedGroup[] {
    return (this.#groups ??= withExtensions(servedGroups(this.#served), this.#extensions.all(), isBuiltInGroup));
  }

  /**
   * @param path such as /apis/apps/v1; a slash at its end does not matter
   * @returns `undefined` where the path is none of these
   * @throws StatusError (404) for a group or version that is not served, (406)
   */
  answer(path: string, accept: string | undefined, ifNoneMatch: string | undefined): DocumentAnswer | undefined {
    const [, root, ...rest] = path.replace(/\/$/, "").split("/");
    if ((root !== "api" && root !== "apis") || rest.length > (root === "api" ? 1 : 2)) return undefined;
    const ranges = parseAccept(accept);
    const wanted = ranges.find((range) => (wantsAll(range) ? rest.length === 0 : takes(range, "application/json")));
    if (!wanted) throw notAcceptable(["application/json"]);
    return answerDocument(this.#document(root, rest, wantsAll(wanted)), ifNoneMatch);
  }

  #document(root: "api" | "apis", rest: readonly string[], aggregated: boolean): Document {
    const key = [root, ...rest, ...(aggregated ? ["*"] : [])].join("/");
    let document = this.#documents.get(key);
    if (!document) {
      document = aggregated ? this.#aggregated(root) : jsonDocument(this.#legacy(root, rest));
      this.#documents.set(key, document);
    }
    return document;
  }

  #aggregated(root: "api" | "apis"): Document {
    const groups = this.groups().filter(({ name }) => (name === "") === (root === "api"));
    return jsonDocument(aggregatedDiscovery(groups), aggregatedType);
  }

  #legacy(root: "api" | "apis", rest: readonly string[]): unknown {
    const [groupName, versionName] = root === "api" ? ["", rest[0]] : rest;
    if (groupName === undefined) return apiGroupList(this.groups());
    const group = this.groups().find(({ name }) => name === groupName);
    if (!group) throw pageNotFound();
    if (versionName === undefined) return root === "api" ? apiVersions(group, this.#address) : apiGroup(group);
    const version = group.versions.find((each) => each.version === versionName);
    if (!version) throw pageNotFound();
    return apiResourceList(groupName, version);
  }
}

/** Everything in one document, instead of one for each group and version. */
function wantsAll({ type, parameters: { as, g: group, v: version } }: MediaRange): boolean {
  return type === "application/json" && as === "APIGroupDiscoveryList" && group === "apidiscovery.k8s.io" && version === "v2";
}

/** A path under which nothing is served. */
export function pageNotFound(): StatusError {
  return new StatusError({ code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} });
}
