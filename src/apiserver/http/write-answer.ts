import { pipeline, Readable, type Writable } from "node:stream";
import { createGzip, constants as zlib } from "node:zlib";
import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Clock } from "#machinery/clock.ts";
import { fieldErrorText, invalidValue } from "#machinery/field-errors.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { badRequest, StatusError } from "#machinery/status-error.ts";
import type { Answer, BytesAnswer, ListAnswer, ObjectAnswer, WatchAnswer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { jsonMediaType, protobufMediaType, yamlMediaType } from "../body/media-types.ts";
import { partialForm, partialMetadata, partialOf } from "../partial-metadata.ts";
import { type IncludeObject, TablePrinter } from "../table.ts";
import { WatchItem } from "../watch-cache/cache-event.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { negotiate, type Offer, offerOf, type Representation } from "./representation.ts";
import { WatchWriter } from "./watch-writer.ts";
import { jsonFormat, lineOf, prettyFormat, protobufFormat, type WireFormat, yamlFormat } from "./wire-format.ts";

type Response = ServerResponse | Http2ServerResponse;

/** Writes the answer as the client asked for it. @throws StatusError (400, 406) before anything is written */
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

/** Errors come in the encoding that was asked for too, where that can be; in JSON otherwise, which every client can read. */
export function writeError({ body }: StatusError, request: ApiRequest, response: Response): void {
  const seconds = body.details?.retryAfterSeconds;
  if (seconds !== undefined) response.setHeader("retry-after", String(seconds));
  const format = errorFormat(request);
  finish(response, body.code, format.contentType, format.object(undefined, body as unknown as KubeObject));
}

function errorFormat(request: ApiRequest): WireFormat {
  try {
    return writtenAs(request, offerOf(undefined)).format;
  } catch {
    return jsonFormat;
  }
}

const formats: { readonly [mediaType: string]: WireFormat } = {
  [jsonMediaType]: jsonFormat, [yamlMediaType]: yamlFormat, [protobufMediaType]: protobufFormat,
};

function writtenAs(request: ApiRequest, offer: Offer): { representation: Representation; format: WireFormat } {
  const representation = negotiate(request.header("accept"), offer);
  const format = formats[representation.mediaType] ?? jsonFormat;
  return { representation, format: format === jsonFormat && isPretty(request) ? prettyFormat : format };
}

/** Who looks with a browser, or from a shell, likes to read. */
function isPretty(request: ApiRequest): boolean {
  const asked = request.query.get("pretty");
  if (asked !== null && asked !== "") return ["1", "t", "true"].includes(asked.toLowerCase());
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.header("user-agent") ?? "");
}

function writeObject({ code, kind, object }: ObjectAnswer, request: ApiRequest, response: Response, clock: Clock): void {
  const { representation, format } = writtenAs(request, offerOf(kind));
  if (kind === undefined || representation.as === "object") return finish(response, code, format.contentType, format.object(kind, object));
  if (representation.as === "metadata list") throw notInThatForm("PartialObjectMetadataList", "not a list", kind, kind.kind);
  const plain = object instanceof CachedObject ? object.object : object;
  const { resourceVersion } = plain.metadata;
  const body = representation.as === "table"
    ? format.object(undefined, tableOf(kind, representation, request).table([plain], { resourceVersion }, clock.now()) as unknown as KubeObject)
    : format.object(partialForm(representation.apiVersion), partialMetadata(plain, representation.apiVersion));
  finish(response, code, format.contentType, body);
}

/** Clients know these words, with the name that the type has in upstream's code. */
function notInThatForm(form: string, why: string, { group }: Kind, type: string): StatusError {
  const goPackage = group === "" ? "core" : group.split(".")[0];
  return new StatusError({
    code: 406, reason: "NotAcceptable", message: `you requested ${form}, but the requested object is ${why} (*${goPackage}.${type})`,
  });
}

function tableOf(kind: Kind, { apiVersion }: Representation, { query }: ApiRequest): TablePrinter {
  const includeObject = query.get("includeObject") || "Metadata";
  if (!isIncludeObject(includeObject)) {
    const problem = invalidValue("includeObject", includeObject, "must be 'Metadata', 'Object', 'None', or empty");
    throw badRequest(`Unable to convert to Table as requested: ${fieldErrorText(problem)}`);
  }
  return new TablePrinter(kind, { apiVersion, includeObject });
}

function isIncludeObject(text: string): text is IncludeObject {
  return text === "None" || text === "Metadata" || text === "Object";
}

function writeList(answer: ListAnswer, request: ApiRequest, response: Response, clock: Clock): void {
  const { representation, format } = writtenAs(request, offerOf(answer.kind));
  finishPieces(response, format.contentType, piecesOf(answer, representation, format, request, clock), acceptsGzip(request));
}

function piecesOf(
  answer: ListAnswer, representation: Representation, format: WireFormat, request: ApiRequest, clock: Clock,
): Iterable<Uint8Array> {
  const { kind, items, metadata } = answer;
  const { apiVersion } = representation;
  switch (representation.as) {
    case "object":
      return format.list(answer);
    case "metadata":
      throw notInThatForm("PartialObjectMetadata", "a list", kind, kind.listKind);
    case "metadata list":
      return format.list({ kind: partialForm(apiVersion), metadata, items: items.map((item) => partialOf(item, apiVersion)) });
    case "table": {
      const table = tableOf(kind, representation, request).table(items.map(({ object }) => object), metadata, clock.now());
      return [format.object(undefined, table as unknown as KubeObject)];
    }
  }
}

function writeWatch(answer: WatchAnswer, request: ApiRequest, response: Response, clock: Clock): void {
  const { kind } = answer;
  const { representation, format } = writtenAs(request, offerOf(kind, true));
  const encode = eventEncoder(kind, representation, format, request, clock);
  response.statusCode = 200;
  response.setHeader("content-type", format.streamContentType);
  response.setHeader("cache-control", "no-cache, private");
  // The client is to know at once that the watch stands, though nothing may happen for long.
  response.writeHead(200);
  if ("flushHeaders" in response) response.flushHeaders();
  const writer = new WatchWriter({ response: response as Writable, encode, encodeError: ({ body }) => format.error(body) });
  const watch = answer.start(writer);
  response.on("close", () => watch.close());
  if (response.destroyed) watch.close();
}

/** Events with the object as it is, as a table of one row (the columns told once), or with its metadata alone. */
function eventEncoder(
  kind: Kind, representation: Representation, format: WireFormat, request: ApiRequest, clock: Clock,
): (item: WatchItem) => Uint8Array {
  const { apiVersion } = representation;
  switch (representation.as) {
    case "object":
      return (item) => format.event(kind, item);
    case "metadata":
      return ({ type, object }) => format.event(partialForm(apiVersion), new WatchItem(type, partialOf(object, apiVersion)));
    case "metadata list":
      throw notInThatForm("PartialObjectMetadataList", "not a list", kind, kind.kind);
    case "table": {
      const printer = tableOf(kind, representation, request);
      let withColumns = true;
      return ({ type, object }) => {
        const { resourceVersion } = object.object.metadata;
        const table = printer.table(type === "BOOKMARK" ? [] : [object.object], { resourceVersion }, clock.now(), withColumns);
        withColumns = false;
        return lineOf(type, table);
      };
    }
  }
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
  const cacheControl = String(response.getHeader("cache-control") ?? "no-cache, private");
  response.writeHead(code, { "content-type": contentType, "content-length": body.length, "cache-control": cacheControl });
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
