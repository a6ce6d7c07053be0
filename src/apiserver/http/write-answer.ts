import { pipeline, Readable, type Writable } from "node:stream";
import { createGzip, constants as zlib } from "node:zlib";
import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Clock } from "#machinery/clock.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { badRequest, type StatusError } from "#machinery/status-error.ts";
import type { Answer, BytesAnswer, ListAnswer, ObjectAnswer, WatchAnswer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { jsonMediaType, protobufMediaType, yamlMediaType } from "../body/media-types.ts";
import { type IncludeObject, partialMetadata, partialMetadataList, TablePrinter } from "../table.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { negotiate, type Representation } from "./representation.ts";
import { WatchWriter } from "./watch-writer.ts";
import { jsonFormat, lineOf, prettyFormat, protobufFormat, type WireFormat, yamlFormat } from "./wire-format.ts";

type Response = ServerResponse | Http2ServerResponse;

/** Writes the answer as the client asked for it. @throws StatusError (406) before anything is written */
export function writeAnswer(answer: Exclude<Answer, { is: "exchange" }>, request: ApiRequest, response: Response, clock: Clock): void {
  switch (answer.is) {
    case "object":
      return writeObject(answer, request, response, clock);
    case "list":
      return writeList(answer, request, response, clock);
    case "watch":
      return writeWatch(answer, request, response, clock);
    case "bytes":
      return writeBytes(answer, response);
  }
}

/** Errors are told in JSON whatever was asked for, which every client can read. */
export function writeError({ body }: StatusError, response: Response): void {
  const seconds = body.details?.retryAfterSeconds;
  if (seconds !== undefined) response.setHeader("retry-after", String(seconds));
  finish(response, body.code, jsonMediaType, Buffer.from(`${JSON.stringify(body)}\n`));
}

const formats: { readonly [mediaType: string]: WireFormat } = {
  [jsonMediaType]: jsonFormat, [yamlMediaType]: yamlFormat, [protobufMediaType]: protobufFormat,
};

function formOf(kind: Kind | undefined, request: ApiRequest): { representation: Representation; format: WireFormat } {
  const encodings = kind && isBuiltIn(kind) ? [protobufMediaType] : [];
  const representation = negotiate(request.header("accept"), { tables: kind !== undefined, encodings });
  const format = formats[representation.mediaType] ?? jsonFormat;
  return { representation, format: format === jsonFormat && isPretty(request) ? prettyFormat : format };
}

/** Kinds of CustomResourceDefinitions have no field numbers. */
function isBuiltIn({ schema }: Kind): boolean {
  return schema.declared.every(({ number }) => number > 0);
}

function isPretty({ query }: ApiRequest): boolean {
  const asked = query.get("pretty");
  return asked === "true" || asked === "1";
}

function writeObject({ code, kind, object }: ObjectAnswer, request: ApiRequest, response: Response, clock: Clock): void {
  const { representation, format } = formOf(kind, request);
  if (kind === undefined || representation.as === "object") return finish(response, code, format.contentType, format.object(kind, object));
  const plain = object instanceof CachedObject ? object.object : object;
  const { resourceVersion } = plain.metadata;
  const shown = representation.as === "table"
    ? tableOf(kind, representation, request).table([plain], { resourceVersion }, clock.now())
    : partialMetadata(plain, representation.apiVersion);
  finish(response, code, format.contentType, format.object(undefined, shown as KubeObject));
}

function tableOf(kind: Kind, { apiVersion }: Representation, { query }: ApiRequest): TablePrinter {
  const includeObject = query.get("includeObject") ?? "Metadata";
  if (!isIncludeObject(includeObject)) throw badRequest(`unrecognized includeObject value: ${JSON.stringify(includeObject)}`);
  return new TablePrinter(kind, { apiVersion, includeObject });
}

function isIncludeObject(text: string): text is IncludeObject {
  return text === "None" || text === "Metadata" || text === "Object";
}

function writeList(answer: ListAnswer, request: ApiRequest, response: Response, clock: Clock): void {
  const { representation, format } = formOf(answer.kind, request);
  const { kind, items, metadata } = answer;
  if (representation.as === "object") return finishPieces(response, format.contentType, format.list(answer), acceptsGzip(request));
  const objects = items.map(({ object }) => object);
  const shown = representation.as === "table"
    ? tableOf(kind, representation, request).table(objects, metadata, clock.now())
    : partialMetadataList(objects, metadata, representation.apiVersion);
  finishPieces(response, format.contentType, [format.object(undefined, shown as KubeObject)], acceptsGzip(request));
}

function writeWatch(answer: WatchAnswer, request: ApiRequest, response: Response, clock: Clock): void {
  const { kind } = answer;
  const { representation, format } = formOf(kind, request);
  response.statusCode = 200;
  response.setHeader("content-type", format.streamContentType);
  response.setHeader("cache-control", "no-cache, private");
  // The client is to know at once that the watch stands, though nothing may happen for long.
  response.writeHead(200);
  if ("flushHeaders" in response) response.flushHeaders();
  const writer = new WatchWriter({
    response: response as Writable,
    encode: representation.as === "object" ? (item) => format.event(kind, item) : transformed(kind, representation, request, clock),
    encodeError: ({ body }) => format.error(body),
  });
  const watch = answer.start(writer);
  response.on("close", () => watch.close());
  if (response.destroyed) watch.close();
}

/** Events as tables of one row (the columns told once), or of the metadata alone. */
function transformed(kind: Kind, representation: Representation, request: ApiRequest, clock: Clock): (item: WatchEventItem) => Uint8Array {
  if (representation.as === "metadata") return ({ type, object }) => lineOf(type, partialMetadata(object.object, representation.apiVersion));
  const printer = tableOf(kind, representation, request);
  let withColumns = true;
  return ({ type, object }) => {
    const { resourceVersion } = object.object.metadata;
    const table = printer.table(type === "BOOKMARK" ? [] : [object.object], { resourceVersion }, clock.now(), withColumns);
    withColumns = false;
    return lineOf(type, table);
  };
}

interface WatchEventItem {
  readonly type: string;
  readonly object: CachedObject;
}

function writeBytes({ code, headers, body }: BytesAnswer, response: Response): void {
  if (response.headersSent || response.destroyed) return;
  for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
  if (code === 304) {
    // Type and length of the empty body would replace those of the client's own copy (RFC 9111 §4.3.4).
    response.statusCode = code;
    response.end();
    return;
  }
  finish(response, code, headers["content-type"] ?? "text/plain", typeof body === "string" ? Buffer.from(body) : body);
}

function finish(response: Response, code: number, contentType: string, body: Uint8Array): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = code;
  response.setHeader("content-type", contentType);
  response.setHeader("content-length", body.length);
  if (!response.hasHeader("cache-control")) response.setHeader("cache-control", "no-cache, private");
  response.end(body);
}

/** Longer answers are compressed where the client can read that, and written piece by piece. */
const longBytes = 128 * 1024;

function finishPieces(response: Response, contentType: string, pieces: Iterable<Uint8Array>, gzip: boolean): void {
  if (response.headersSent || response.destroyed) return;
  const chunks = chunksOf(pieces);
  const first = chunks.next();
  const second = chunks.next();
  if (second.done === true) return finish(response, 200, contentType, first.done === true ? new Uint8Array() : first.value);
  response.statusCode = 200;
  response.setHeader("content-type", contentType);
  response.setHeader("cache-control", "no-cache, private");
  const all = Readable.from(prepend([first, second], chunks), { objectMode: false, highWaterMark: longBytes });
  const settled = (): void => undefined;
  if (!gzip) return void pipeline(all, response as Writable, settled);
  response.setHeader("content-encoding", "gzip");
  pipeline(all, createGzip({ level: zlib.Z_BEST_SPEED }), response as Writable, settled);
}

function* prepend(taken: readonly IteratorResult<Uint8Array>[], rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const { done, value } of taken) if (done !== true) yield value as Uint8Array;
  yield* rest;
}

/** Joins pieces to chunks of a size that is worth a write. */
function* chunksOf(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < longBytes) continue;
    yield Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}

function acceptsGzip(request: ApiRequest): boolean {
  return /\bgzip\b/.test(request.header("accept-encoding") ?? "");
}
