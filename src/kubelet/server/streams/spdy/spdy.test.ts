import { Duplex } from "node:stream";
import { constants, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { SpdyConnection } from "./connection.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import { HeaderBlocks } from "./header-block.ts";

const stream = fc.integer({ min: 1, max: 0x7fff_ffff });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const status = fc.integer({ min: 0, max: 0xffff_ffff });
const frame: fc.Arbitrary<Exclude<Frame, { type: "other" }>> = fc.oneof(
  fc.record({ type: fc.constant("data" as const), stream, last: fc.boolean(), bytes }),
  fc.record({ type: fc.constantFrom("syn-stream" as const, "syn-reply" as const, "headers" as const), stream, last: fc.boolean(), headers: bytes }),
  fc.record({ type: fc.constant("rst-stream" as const), stream, status }),
  fc.record({ type: fc.constant("ping" as const), id: status }),
  fc.record({ type: fc.constant("goaway" as const), lastStream: stream, status }),
);

/** Cuts the bytes at these places, as a network does. */
function pieces(all: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (all.length + 1)).toSorted((left, right) => left - right), all.length];
  return places.slice(1).map((end, index) => all.subarray(places[index], end));
}

describe("frames", () => {
  it("are read as they were written, however the network cuts them", () => {
    fc.assert(fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 10 }), (frames, cuts) => {
      const reader = new FrameReader();
      expect(pieces(Buffer.concat(frames.map(encodeFrame)), cuts).flatMap((piece) => reader.take(piece))).toEqual(frames);
    }));
  });

  it("are read from any bytes, or refused", () => {
    fc.assert(fc.property(fc.array(bytes, { maxLength: 5 }), (all) => {
      const reader = new FrameReader(10_000);
      try {
        for (const piece of all) reader.take(piece);
      } catch (error) {
        expect((error as Error).message).toMatch(/too long|is not spoken|has only/);
      }
    }), { numRuns: 500 });
  });

  it("that are too long, too short or of another version are refused", () => {
    expect(() => new FrameReader(10).take(encodeFrame({ type: "data", stream: 1, last: false, bytes: Buffer.alloc(11) }))).toThrow("too long");
    expect(() => new FrameReader().take(Buffer.from("8003000600000000", "hex"))).toThrow("has only 0 bytes");
    expect(() => new FrameReader().take(Buffer.from("8002000600000000", "hex"))).toThrow("SPDY version 2");
    expect(new FrameReader().take(Buffer.from("800300040000000100", "hex"))).toEqual([{ type: "other", code: 4 }]);
  });

  it("have the bytes of the specification", () => {
    expect(encodeFrame({ type: "data", stream: 5, last: true, bytes: Buffer.from("hi") }).toString("hex")).toBe("00000005010000026869");
    expect(encodeFrame({ type: "ping", id: 2 }).toString("hex")).toBe("800300060000000400000002");
    expect(encodeFrame({ type: "syn-stream", stream: 1, last: false, headers: Buffer.from("x") }).toString("hex"))
      .toBe("800300010000000b0000000100000000000078");
  });
});

it("header blocks are one zlib stream, each complete in itself", () => {
  const blocks = new HeaderBlocks();
  let packed = Buffer.alloc(0);
  let plain = "";
  for (const headers of [{ streamtype: "error" }, { streamtype: "data", port: "80" }] as Record<string, string>[]) {
    packed = Buffer.concat([packed, blocks.encode(headers)]);
    const unpacked = inflateSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1");
    const names = Object.entries(headers).flat();
    expect(unpacked.slice(plain.length).replaceAll(/[\0-\x0f]+/g, " ").trim()).toBe(names.join(" "));
    plain = unpacked;
  }
  expect(() => blocks.encode({ long: "x".repeat(70_000) })).toThrow("too many");
});

describe("a connection", () => {
  function connect(): { connection: SpdyConnection; sent: Frame[]; heard: string[]; socket: Duplex } {
    const sent: Frame[] = [];
    const heard: string[] = [];
    const reader = new FrameReader();
    const socket = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        sent.push(...reader.take(chunk));
        done();
      },
    });
    const connection = new SpdyConnection(socket, {
      data: (of, text) => void heard.push(`${of}: ${text.toString()}`), finished: (of) => void heard.push(`${of} finished`),
      ended: (error) => void heard.push(`ended${error === undefined ? "" : `: ${error.message}`}`), drained: () => undefined,
    }, Buffer.alloc(0));
    return { connection, sent, heard, socket };
  }

  it("numbers its streams, and hears each to its end", async () => {
    const { connection, sent, heard, socket } = connect();
    expect([connection.open({ a: "1" }), connection.open({ a: "2" })]).toEqual([1, 3]);
    connection.write(1, Buffer.from("in"));
    connection.finish(1);
    for (const each of [
      { type: "syn-reply", stream: 1, last: false, headers: Buffer.alloc(0) }, { type: "data", stream: 1, last: false, bytes: Buffer.from("out") },
      { type: "data", stream: 1, last: true, bytes: Buffer.alloc(0) }, { type: "rst-stream", stream: 3, status: 5 }, { type: "ping", id: 2 }, { type: "ping", id: 3 },
    ] as const) socket.push(encodeFrame(each));
    socket.push(null);
    await expect.poll(() => heard).toEqual(["1: out", "1 finished", "3 finished", "ended"]);
    expect(sent.slice(2)).toEqual([
      { type: "data", stream: 1, last: false, bytes: Buffer.from("in") }, { type: "data", stream: 1, last: true, bytes: Buffer.alloc(0) }, { type: "ping", id: 2 },
    ]);
  });

  it("ends at what is no SPDY, and when it is closed", async () => {
    const broken = connect();
    broken.socket.push(Buffer.from("8002000600000000", "hex"));
    await expect.poll(() => broken.heard.at(-1)).toBe("ended: SPDY version 2 is not spoken here");
    const closed = connect();
    closed.connection.close();
    closed.connection.write(1, Buffer.from("late"));
    await expect.poll(() => closed.socket.destroyed).toBe(true);
    expect([closed.sent, closed.heard]).toEqual([[{ type: "goaway", lastStream: 0, status: 0 }], []]);
  });
});
