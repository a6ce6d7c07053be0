import { builtInSchemas } from "#api/define-kind.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { CachedObject } from "./watch-cache/cached-object.ts";

/** What encodings need to know of objects: their message, and how a list of them is called. Every `Kind` is one. */
export type Form = Pick<Kind, "apiVersion" | "listKind" | "schema">;

/** Versions in which metadata alone, and tables, can be had. */
export type MetaVersion = "meta.k8s.io/v1" | "meta.k8s.io/v1beta1";

const forms = new Map<MetaVersion, Form>();

/** How objects without all but their metadata look (API reference: meta/v1 PartialObjectMetadata). */
export function partialForm(apiVersion: MetaVersion): Form {
  let form = forms.get(apiVersion);
  if (!form) {
    form = { apiVersion, listKind: "PartialObjectMetadataList", schema: builtInSchemas.message("meta/v1.PartialObjectMetadata") };
    forms.set(apiVersion, form);
  }
  return form;
}

export function partialMetadata({ metadata }: KubeObject, apiVersion: MetaVersion): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion, metadata };
}

const partials = new WeakMap<CachedObject, CachedObject>();

/** The same, made once for all who ask for it. */
export function partialOf(cached: CachedObject, apiVersion: MetaVersion): CachedObject {
  let partial = partials.get(cached);
  if (partial?.object.apiVersion !== apiVersion) {
    partial = CachedObject.of(partialMetadata(cached.object, apiVersion), cached.revision);
    partials.set(cached, partial);
  }
  return partial;
}
