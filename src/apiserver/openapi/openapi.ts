import { createHash } from "node:crypto";
import { kindDefinitions } from "#api/openapi.ts";
import type { Kind } from "#machinery/kind.ts";
import { notAcceptable } from "#machinery/status-error.ts";
import type { BytesAnswer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { pageNotFound } from "../discovery/discovery.ts";
import { type DescribedPart, noExtensions, type ExtensionVersions } from "../discovery/extension-versions.ts";
import { groupVersion, type ServedKinds, servedGroups } from "../discovery/served-kinds.ts";
import { subresourcesOf } from "../discovery/subresources.ts";
import { answerDocument, document, type Document, jsonDocument } from "../document.ts";
import { parseAccept, takes } from "../media-ranges.ts";
import type { PathRoute } from "../route.ts";
import { gitVersion } from "../version.ts";
import { mergeParts } from "./merge-parts.ts";
import { pathsOf } from "./operations.ts";
import { encodeVersion2, version2ProtobufType, version2ProtobufTypes } from "./version2-protobuf.ts";
import { type KindFinder, patchDefinition, pathsVersion2, pathsVersion3 } from "./render.ts";

const root = "/openapi/v3";
const information = { title: "Kubernetes", version: gitVersion };
const security = { BearerToken: { type: "apiKey", name: "authorization", in: "header", description: "Bearer token" } };

/**
 * The API's own description: version 2 in one piece, version 3 by group and version, with an index whose addresses change with
 * what they lead to, so that clients may keep them for good. Each is made when first asked for and kept until kinds change.
 */
export class OpenApi {
  readonly #served: ServedKinds;
  readonly #extensions: ExtensionVersions;
  #version2: Document | undefined;
  #version2Protobuf: Document | undefined;
  #byPath: ReadonlyMap<string, Document> | undefined;
  #index: Document | undefined;
  readonly #described = new Map<string, DescribedGroup>();

  /** @param extensions what others serve and describe; of their descriptions, only the addresses are known here */
  constructor(served: ServedKinds, extensions = noExtensions) {
    this.#served = served;
    this.#extensions = extensions;
    extensions.subscribe(() => {
      this.#version2 = undefined;
      this.#version2Protobuf = undefined;
      this.#index = undefined;
    });
    served.subscribe(() => {
      this.#version2 = undefined;
      this.#version2Protobuf = undefined;
      this.#byPath = undefined;
      this.#index = undefined;
    });
  }

  get routes(): readonly PathRoute[] {
    return [
      { path: "/openapi/v2", answer: ({ request }) => this.#answerVersion2(request) },
      { path: root, answer: ({ request }) => answerDocument(this.index(), request.header("if-none-match")) },
      {
        path: `${root}/`,
        answer: ({ info, request }) => this.#answerGroup(info.path.slice(root.length + 1), request),
      },
    ];
  }

  /** Of version 3: where each group and version is described. */
  index(): Document {
    if (!this.#index) {
      const addresses = [...this.#documents()].map(([path, found]) => [path, { serverRelativeURL: addressOf(path, found) }] as const);
      const others = this.#extensions.all().flatMap(({ group, version, openApi }) =>
        openApi === undefined ? [] : [[`apis/${groupVersion(group, version)}`, { serverRelativeURL: openApi }] as const]);
      this.#index = jsonDocument({ paths: Object.fromEntries([...addresses, ...others]) });
    }
    return this.#index;
  }

  /** Of version 3. @param path such as `apis/apps/v1` */
  group(path: string): Document | undefined {
    return this.#documents().get(path);
  }

  version2(): Document {
    this.#version2 ??= jsonDocument(this.#describeVersion2());
    return this.#version2;
  }

  /** As `version2`, in the form that client-go reads. */
  version2Protobuf(): Document {
    this.#version2Protobuf ??= document(encodeVersion2(this.#describeVersion2()), version2ProtobufType);
    return this.#version2Protobuf;
  }

  #describeVersion2(): object {
    const kinds = this.#served.all().map(({ kind }) => kind);
    const own = { paths: pathsVersion2(kinds.flatMap(pathsOf), finder(kinds)), definitions: { ...kindDefinitions(kinds, 2), ...patchDefinition } };
    const others = this.#extensions.all().flatMap(({ described }) => described ?? []);
    return {
      swagger: "2.0", info: information, ...mergeParts(own as unknown as DescribedPart, others),
      securityDefinitions: security, security: [{ BearerToken: [] }],
    };
  }

  #answerVersion2(request: ApiRequest): BytesAnswer {
    const ifNoneMatch = request.header("if-none-match");
    const ranges = parseAccept(request.header("accept"));
    const wanted = ranges.find(({ type }) => version2ProtobufTypes.includes(type));
    if (wanted) return answerDocument(this.version2Protobuf(), ifNoneMatch);
    if (!ranges.some((range) => takes(range, "application/json"))) throw notAcceptable(["application/json", version2ProtobufType]);
    return answerDocument(this.version2(), ifNoneMatch);
  }

  #answerGroup(path: string, request: ApiRequest): BytesAnswer {
    const hash = request.query.get("hash");
    const ifNoneMatch = request.header("if-none-match");
    const found = this.group(path);
    if (!found) throw pageNotFound();
    if (hash === null) return answerDocument(found, ifNoneMatch);
    if (hash !== hashOf(found)) {
      return { is: "bytes", code: 301, headers: { location: addressOf(path, found), "content-type": "text/plain" }, body: "" };
    }
    return answerDocument(found, ifNoneMatch, { "cache-control": "public, immutable", expires: "Thu, 31 Dec 2099 23:59:59 GMT" });
  }

  #documents(): ReadonlyMap<string, Document> {
    if (!this.#byPath) {
      this.#byPath = new Map(this.#describeGroups());
      for (const path of this.#described.keys()) if (!this.#byPath.has(path)) this.#described.delete(path);
    }
    return this.#byPath;
  }

  /** Groups whose kinds are still the same keep their documents. */
  *#describeGroups(): Iterable<[string, Document]> {
    const all = this.#served.all().map(({ kind }) => kind);
    const find = finder(all);
    for (const { name, versions } of servedGroups(this.#served)) {
      for (const { version, kinds } of versions) {
        const path = name === "" ? `api/${version}` : `apis/${groupVersion(name, version)}`;
        const described = withBodies(kinds, find);
        const kept = this.#described.get(path);
        const isSame = kept?.kinds.length === described.length && described.every((kind, index) => kind === kept.kinds[index]);
        const made = kept && isSame ? kept : { kinds: described, document: describeGroup(kinds, described, find) };
        this.#described.set(path, made);
        yield [path, made.document];
      }
    }
  }
}

interface DescribedGroup {
  readonly kinds: readonly Kind[];
  readonly document: Document;
}

function describeGroup(kinds: readonly Kind[], withTheirBodies: readonly Kind[], find: KindFinder): Document {
  const described = {
    openapi: "3.0.0", info: information,
    paths: pathsVersion3(kinds.flatMap(pathsOf), find),
    components: { schemas: { ...kindDefinitions(withTheirBodies, 3), ...patchDefinition }, securitySchemes: security },
  };
  return document(Buffer.from(JSON.stringify(described)), "application/json");
}

function finder(kinds: readonly Kind[]): KindFinder {
  const byName = new Map(kinds.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]));
  return ({ group, version, kind }) => byName.get(`${groupVersion(group, version)}/${kind}`);
}

/** A group's kinds, and those of other groups that are bodies of their subresources (Scale, Eviction, TokenRequest). */
function withBodies(kinds: readonly Kind[], find: KindFinder): readonly Kind[] {
  const bodies = kinds.flatMap(subresourcesOf).map(find).filter((kind) => kind !== undefined);
  return [...new Set([...kinds, ...bodies])];
}

function addressOf(path: string, found: Document): string {
  return `${root}/${path}?hash=${hashOf(found)}`;
}

function hashOf({ etag }: Document): string {
  return createHash("sha256").update(etag).digest("hex").slice(0, 32).toUpperCase();
}
