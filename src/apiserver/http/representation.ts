import { notAcceptable } from "#machinery/status-error.ts";
import { jsonMediaType, objectMediaTypes, protobufMediaType, yamlMediaType } from "../body/media-types.ts";
import { type MediaRange, parseAccept } from "../media-ranges.ts";

/** How a client wants objects: in which encoding, and whether as they are, as a table, or their metadata only. */
export interface Representation {
  readonly mediaType: string;
  readonly as: "object" | "table" | "metadata";
  /** Of the table or the metadata: `meta.k8s.io/v1`, or `v1beta1`. */
  readonly apiVersion: string;
}

/** What the server can write besides JSON, which it always can. */
export interface Offer {
  readonly tables: boolean;
  /** Media types of encodings that know the kind. */
  readonly encodings: readonly string[];
}

const asIs: Representation = { mediaType: jsonMediaType, as: "object", apiVersion: "meta.k8s.io/v1" };

/** The most wanted form that the server can write. @throws StatusError (406) */
export function negotiate(accept: string | undefined, offer: Offer): Representation {
  if (accept === undefined || accept === "" || accept === jsonMediaType || accept === "*/*") return asIs;
  for (const range of parseAccept(accept)) {
    const mediaType = mediaTypeOf(range, offer);
    const as = formOf(range, offer);
    const version = range.parameters["v"] ?? "v1";
    const writable = as === "object" || mediaType !== protobufMediaType;
    if (mediaType !== undefined && as !== undefined && writable) return { mediaType, as, apiVersion: `meta.k8s.io/${version}` };
  }
  throw notAcceptable(objectMediaTypes);
}

function mediaTypeOf({ type }: MediaRange, { encodings }: Offer): string | undefined {
  if (type === "*/*" || type === "application/*" || type === jsonMediaType) return jsonMediaType;
  return type === yamlMediaType || encodings.includes(type) ? type : undefined;
}

const versions: readonly string[] = ["v1", "v1beta1"];

function formOf({ parameters }: MediaRange, { tables }: Offer): Representation["as"] | undefined {
  const as = parameters["as"];
  if (as === undefined) return "object";
  if (parameters["g"] !== "meta.k8s.io" || !versions.includes(parameters["v"] ?? "")) return undefined;
  if (as === "Table") return tables ? "table" : undefined;
  return as === "PartialObjectMetadata" || as === "PartialObjectMetadataList" ? "metadata" : undefined;
}
