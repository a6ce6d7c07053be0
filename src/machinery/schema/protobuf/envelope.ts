import { concatenate } from "./concatenate.ts";
import { malformed, Reader } from "./reader.ts";
import { ReverseWriter, wireBytes } from "./writer.ts";

/** What stands around a message in `application/vnd.kubernetes.protobuf`: `k8s\0`, then a runtime.Unknown. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The message itself. */
  readonly raw: Uint8Array;
}

const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0);

export function isEnveloped(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

export function wrapInEnvelope({ apiVersion, kind, raw }: Envelope): Uint8Array {
  const head = new ReverseWriter(128);
  head.varint(raw.length);
  head.tag(2, wireBytes);
  const before = head.length;
  writeText(head, 2, kind);
  writeText(head, 1, apiVersion);
  head.lengthAndTag(1, before);
  // Go writes the empty content encoding and content type too.
  return concatenate([magic, head.finish(), raw, Uint8Array.of(0x1a, 0, 0x22, 0)]);
}

function writeText(writer: ReverseWriter, number: number, text: string): void {
  const before = writer.length;
  writer.string(text);
  writer.lengthAndTag(number, before);
}

/** @throws StatusError 400 */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (!isEnveloped(bytes)) throw malformed("provided data does not appear to be a protobuf message, expected prefix 0x6b, 0x38, 0x73, 0x00");
  const reader = new Reader(bytes.subarray(magic.length));
  let [apiVersion, kind, raw] = ["", "", new Uint8Array()];
  while (!reader.atEnd) {
    const tag = reader.varint();
    if (tag === 8 + wireBytes) {
      reader.nested(() => {
        while (!reader.atEnd) {
          const inner = reader.varint();
          if (inner === 8 + wireBytes) apiVersion = reader.string();
          else if (inner === 16 + wireBytes) kind = reader.string();
          else reader.skip(inner % 8);
        }
      });
    } else if (tag === 16 + wireBytes) {
      raw = new Uint8Array(reader.bytes());
    } else {
      reader.skip(tag % 8);
    }
  }
  return { apiVersion, kind, raw };
}
