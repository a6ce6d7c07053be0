import { builtInSchemas } from "#api/define-kind.ts";
import type { Json } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Message } from "#machinery/schema/message.ts";
import { encodeMessage } from "#machinery/schema/protobuf/encode.ts";
import { wrapInEnvelope } from "#machinery/schema/protobuf/envelope.ts";
import { encodeList, encodeWatchFrame } from "#machinery/schema/protobuf/streams.ts";
import { formatYaml } from "#machinery/yaml.ts";
import type { Status } from "#machinery/status-error.ts";
import type { ListAnswer } from "../answer.ts";
import { jsonMediaType, protobufMediaType, yamlMediaType } from "../body/media-types.ts";
import type { Form } from "../partial-metadata.ts";
import { jsonLine, type WatchItem } from "../watch-cache/cache-event.ts";
import { CachedObject, type ObjectEncoding } from "../watch-cache/cached-object.ts";

/** A list as it is to be written; every ListAnswer is one. */
export type WrittenList = Omit<ListAnswer, "is" | "kind"> & { readonly kind: Form };

/** How answers become bytes. */
export interface WireFormat {
  readonly contentType: string;
  /** Of a watch. */
  readonly streamContentType: string;
  /** @param form absent for a Status, and for what only JSON and YAML can tell, such as a table */
  object(form: Form | undefined, object: CachedObject | KubeObject): Uint8Array;
  /** In pieces, so that a long list is never a second time in memory as a whole. */
  list(list: WrittenList): Iterable<Uint8Array>;
  /** @param form that of the items */
  event(form: Form | undefined, item: WatchItem): Uint8Array;
  /** The end of a watch that was broken off. */
  error(status: Status): Uint8Array;
}

export const jsonFormat: WireFormat = {
  contentType: jsonMediaType,
  streamContentType: jsonMediaType,
  object: (_form, object) => jsonOf(object),
  *list({ kind, items, metadata }) {
    const [listKind, apiVersion, meta] = [kind.listKind, kind.apiVersion, metadata].map((value) => JSON.stringify(value));
    yield Buffer.from(`{"kind":${listKind},"apiVersion":${apiVersion},"metadata":${meta},"items":[`);
    for (const [index, item] of items.entries()) {
      if (index > 0) yield comma;
      yield item.json();
    }
    yield listEnd;
  },
  event: (_form, item) => item.line(),
  error: (status) => lineOf("ERROR", status),
};

/** For people to read. */
export const prettyFormat: WireFormat = {
  ...jsonFormat,
  object: (_form, object) => Buffer.from(`${JSON.stringify(plain(object), undefined, 2)}\n`),
  list: (answer) => [Buffer.from(`${JSON.stringify(plainList(answer), undefined, 2)}\n`)],
};

/** For one answer: streams are not told in YAML. */
export const yamlFormat: WireFormat = {
  ...jsonFormat,
  contentType: yamlMediaType,
  object: (_form, object) => Buffer.from(yamlOf(plain(object))),
  list: (answer) => [Buffer.from(yamlOf(plainList(answer)))],
};

export const protobufFormat: WireFormat = {
  contentType: protobufMediaType,
  streamContentType: `${protobufMediaType};stream=watch`,
  object(form, object) {
    const { apiVersion, kind: name } = plain(object);
    return wrapInEnvelope({ apiVersion, kind: name, raw: protobufOf(form, object) });
  },
  list({ kind, items, metadata }) {
    const head = encodeMessage(builtInSchemas.message("meta/v1.ListMeta"), metadata);
    const raw = encodeList(head, items.map((item) => protobufOf(kind, item)));
    return [wrapInEnvelope({ apiVersion: kind.apiVersion, kind: kind.listKind, raw })];
  },
  event: (form, item) => item.frame(encodingOf(form), ({ type, object }) => encodeWatchFrame(type, protobufFormat.object(form, object))),
  error: (status) => encodeWatchFrame("ERROR", protobufFormat.object(undefined, status as unknown as KubeObject)),
};

const comma = Buffer.from(",");
const listEnd = Buffer.from("]}\n");

function jsonOf(object: CachedObject | KubeObject): Uint8Array {
  return object instanceof CachedObject ? object.json() : Buffer.from(JSON.stringify(object));
}

function plain(object: CachedObject | KubeObject): KubeObject {
  return object instanceof CachedObject ? object.object : object;
}

function plainList({ kind, items, metadata }: WrittenList): unknown {
  return { kind: kind.listKind, apiVersion: kind.apiVersion, metadata, items: items.map(({ object }) => object) };
}

function yamlOf(value: unknown): string {
  return formatYaml(value as Json);
}

function protobufOf(form: Form | undefined, object: CachedObject | KubeObject): Uint8Array {
  const encoding = encodingOf(form);
  return object instanceof CachedObject ? object.encoded(encoding) : encoding.encode(object);
}

const encodings = new WeakMap<Message, ObjectEncoding>();

function encodingOf(form: Form | undefined): ObjectEncoding {
  const message = form?.schema ?? builtInSchemas.message("meta/v1.Status");
  let encoding = encodings.get(message);
  if (!encoding) {
    encoding = { mediaType: protobufMediaType, encode: (object) => encodeMessage(message, object) };
    encodings.set(message, encoding);
  }
  return encoding;
}

/** One line of a JSON watch stream, of an object made for one watcher. */
export function lineOf(type: string, object: unknown): Uint8Array {
  return jsonLine(type, Buffer.from(JSON.stringify(object)));
}
