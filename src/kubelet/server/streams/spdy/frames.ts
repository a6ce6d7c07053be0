/**
 * The frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 §2.2), as far as streams to containers use them. Header blocks stay as they
 * are.
 */
export type Frame =
  | { readonly type: "data"; readonly stream: number; readonly last: boolean; readonly bytes: Buffer }
  | { readonly type: "syn-stream"; readonly stream: number; readonly last: boolean; readonly headers: Buffer }
  | { readonly type: "syn-reply"; readonly stream: number; readonly last: boolean; readonly headers: Buffer }
  | { readonly type: "headers"; readonly stream: number; readonly last: boolean; readonly headers: Buffer }
  | { readonly type: "rst-stream"; readonly stream: number; readonly status: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goaway"; readonly lastStream: number; readonly status: number }
  /** Settings, windows, and whatever else there may be: nothing that we act on. */
  | { readonly type: "other"; readonly code: number };

const code = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goaway: 7, headers: 8 } as const;
const version = 3;
const lastFlag = 0x01;
const headBytes = 8;
const longestFrame = 0xff_ffff;
/** Least bytes of a control frame's body. */
const leastBytes: { readonly [code: number]: number } = {
  [code.synStream]: 10, [code.synReply]: 4, [code.rstStream]: 8, [code.ping]: 4, [code.goaway]: 8, [code.headers]: 4,
};

export function encodeFrame(frame: Exclude<Frame, { readonly type: "other" }>): Buffer {
  switch (frame.type) {
    case "data":
      return Buffer.concat([head(frame.stream, frame.last ? lastFlag : 0, frame.bytes.length), frame.bytes]);
    case "syn-stream":
      return control(code.synStream, frame.last, numbers(frame.stream, 0), Buffer.alloc(2), frame.headers);
    case "syn-reply":
      return control(code.synReply, frame.last, numbers(frame.stream), frame.headers);
    case "headers":
      return control(code.headers, frame.last, numbers(frame.stream), frame.headers);
    case "rst-stream":
      return control(code.rstStream, false, numbers(frame.stream, frame.status));
    case "ping":
      return control(code.ping, false, numbers(frame.id));
    case "goaway":
      return control(code.goaway, false, numbers(frame.lastStream, frame.status));
  }
}

/** Cuts what comes over a connection into frames. */
export class FrameReader {
  readonly #longest: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param longest bytes of a frame that are taken */
  constructor(longest = longestFrame) {
    this.#longest = longest;
  }

  /** The frames that are complete now. @throws Error at what is no frame: the connection is of no more use */
  take(bytes: Buffer): Frame[] {
    const frames: Frame[] = [];
    let left = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      if (left.length < headBytes) break;
      const length = left.readUIntBE(5, 3);
      if (length > this.#longest) throw new Error(`a frame of ${length} bytes is too long`);
      if (left.length < headBytes + length) break;
      frames.push(decode(left.subarray(0, headBytes), left.subarray(headBytes, headBytes + length)));
      left = left.subarray(headBytes + length);
    }
    this.#rest = left;
    return frames;
  }
}

function decode(start: Buffer, body: Buffer): Frame {
  const first = start.readUInt32BE(0);
  const last = (start.readUInt8(4) & lastFlag) !== 0;
  if (first >>> 31 === 0) return { type: "data", stream: first, last, bytes: body };
  const kind = first & 0xffff;
  if ((first >>> 16) % 0x8000 !== version) throw new Error(`SPDY version ${(first >>> 16) % 0x8000} is not spoken here`);
  if (body.length < (leastBytes[kind] ?? 0)) throw new Error(`a frame of type ${kind} has only ${body.length} bytes`);
  switch (kind) {
    case code.synStream:
      return { type: "syn-stream", stream: id(body), last, headers: body.subarray(10) };
    case code.synReply:
      return { type: "syn-reply", stream: id(body), last, headers: body.subarray(4) };
    case code.headers:
      return { type: "headers", stream: id(body), last, headers: body.subarray(4) };
    case code.rstStream:
      return { type: "rst-stream", stream: id(body), status: body.readUInt32BE(4) };
    case code.ping:
      return { type: "ping", id: body.readUInt32BE(0) };
    case code.goaway:
      return { type: "goaway", lastStream: id(body), status: body.readUInt32BE(4) };
    default:
      return { type: "other", code: kind };
  }
}

function id(body: Buffer): number {
  return body.readUInt32BE(0) & 0x7fff_ffff;
}

function control(kind: number, last: boolean, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([head((0x8000 + version) * 0x1_0000 + kind, last ? lastFlag : 0, body.length), body]);
}

function head(first: number, flags: number, length: number): Buffer {
  const bytes = numbers(first, 0);
  bytes.writeUInt8(flags, 4);
  bytes.writeUIntBE(length, 5, 3);
  return bytes;
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
