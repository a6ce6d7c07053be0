import { createHash } from "node:crypto";

/** A body that stays the same until what it describes changes. */
export interface Document {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Of the body, as quoted in the ETag header. */
  readonly etag: string;
}

/** A whole answer made without the store: status code, headers by lower-case name, body. */
export interface DocumentAnswer {
  readonly is: "bytes";
  readonly code: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Uint8Array;
}

export function jsonDocument(value: unknown, contentType = "application/json"): Document {
  return document(JSON.stringify(value), contentType);
}

export function document(body: string | Uint8Array, contentType: string): Document {
  return { contentType, body, etag: `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"` };
}

/** Answers 304 where the client has the document already. */
export function answerDocument(
  { contentType, body, etag }: Document, ifNoneMatch: string | undefined, more: { readonly [name: string]: string } = {},
): DocumentAnswer {
  const known = ifNoneMatch?.split(",").some((each) => each.trim().replace(/^W\//, "") === etag) === true;
  const headers = { etag, vary: "Accept", "cache-control": "no-cache, private", ...more };
  if (known) return { is: "bytes", code: 304, headers, body: "" };
  return { is: "bytes", code: 200, headers: { "content-type": contentType, ...headers }, body };
}
