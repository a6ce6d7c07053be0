import { concatenate } from "./concatenate.ts";
import { ReverseWriter, wireBytes } from "./writer.ts";

/**
 * The message of a list: ListMeta as field 1, each object as field 2.
 * @param metadata and `items`: messages without envelopes, so that bytes made once serve many lists
 */
export function encodeList(metadata: Uint8Array, items: readonly Uint8Array[]): Uint8Array {
  return concatenate([lengthDelimited(1, metadata), metadata, ...items.flatMap((item) => [lengthDelimited(2, item), item])]);
}

/**
 * A watch event (meta/v1 WatchEvent), framed by its length in four bytes, the highest first, as a stream of them is.
 * @param object with its envelope
 */
export function encodeWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const writer = new ReverseWriter(object.length + 64);
  writer.bytes(object);
  writer.lengthAndTag(1, 0);
  writer.lengthAndTag(2, 0);
  const before = writer.length;
  writer.string(type);
  writer.lengthAndTag(1, before);
  return framed(writer.finish());
}

function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(message.length + 4);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, 4);
  return frame;
}

function lengthDelimited(number: number, content: Uint8Array): Uint8Array {
  const writer = new ReverseWriter(16);
  writer.varint(content.length);
  writer.tag(number, wireBytes);
  return writer.finish();
}
