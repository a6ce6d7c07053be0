import type { Kind } from "#machinery/kind.ts";
import { notAcceptable } from "#machinery/status-error.ts";
import { jsonMediaType, protobufMediaType, textMediaTypes, yamlMediaType } from "../body/media-types.ts";
import { type MediaRange, parseAccept } from "../media-ranges.ts";
import type { MetaVersion } from "../partial-metadata.ts";

/** How a client wants objects: in which encoding, and whether as they are, as a table, or their metadata only. */
export interface Representation {
  readonly mediaType: string;
  readonly as: "object" | "table" | "metadata" | "metadata list";
  /** Of the table or the metadata. */
  readonly apiVersion: MetaVersion;
}

/** What the server can write besides JSON, which it always can. */
export interface Offer {
  readonly tables: boolean;
  /** Media types of encodings that know the kind. */
  readonly encodings: readonly string[];
  /** Events as they come, rather than one answer. */
  readonly stream: boolean;
}

const asIs: Representation = { mediaType: jsonMediaType, as: "object", apiVersion: "meta.k8s.io/v1" };

/** What objects of the kind can be written as; Status and the like where it is absent. */
export function offerOf(kind: Kind | undefined, stream = false): Offer {
  const { once, streamed } = kind === undefined ? offers.status : isBuiltIn(kind) ? offers.builtIn : offers.custom;
  return stream ? streamed : once;
}

function bothWays(offer: Omit<Offer, "stream">): { readonly once: Offer; readonly streamed: Offer } {
  return { once: { ...offer, stream: false }, streamed: { ...offer, stream: true } };
}

const offers = {
  status: bothWays({ tables: false, encodings: [protobufMediaType] }),
  builtIn: bothWays({ tables: true, encodings: [protobufMediaType] }),
  custom: bothWays({ tables: true, encodings: [] }),
};

/** Kinds of CustomResourceDefinitions have no field numbers. */
function isBuiltIn({ schema }: Kind): boolean {
  return schema.structural === undefined;
}

/** The most wanted form that the server can write. @throws StatusError (406) */
export function negotiate(accept: string | undefined, offer: Offer): Representation {
  if (accept === undefined || accept === "" || accept === jsonMediaType || accept === "*/*") return asIs;
  for (const range of parseAccept(accept)) {
    const as = formOf(range, offer);
    const mediaType = as && mediaTypeOf(range, as, offer);
    if (as && mediaType) return { mediaType, as, apiVersion: `meta.k8s.io/${range.parameters["v"] === "v1beta1" ? "v1beta1" : "v1"}` };
  }
  throw notAcceptable([...(offer.stream ? [jsonMediaType] : textMediaTypes), ...offer.encodings]);
}

function mediaTypeOf({ type }: MediaRange, as: Representation["as"], { encodings, stream }: Offer): string | undefined {
  if (type === "*/*" || type === "application/*" || type === jsonMediaType) return jsonMediaType;
  if (type === yamlMediaType) return stream ? undefined : type;
  if (type !== protobufMediaType || as === "table") return undefined;
  return as !== "object" || encodings.includes(type) ? type : undefined;
}

const versions: readonly string[] = ["v1", "v1beta1"];

function formOf({ parameters }: MediaRange, { tables }: Offer): Representation["as"] | undefined {
  const { as, g: group, v: version = "", stream = "watch" } = parameters;
  if (stream !== "watch") return undefined;
  if (as === undefined) return "object";
  if (!tables || group !== "meta.k8s.io" || !versions.includes(version)) return undefined;
  if (as === "Table") return "table";
  if (as === "PartialObjectMetadata") return "metadata";
  return as === "PartialObjectMetadataList" ? "metadata list" : undefined;
}
