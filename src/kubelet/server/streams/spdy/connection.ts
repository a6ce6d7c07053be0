import type { Duplex } from "node:stream";

import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import { HeaderBlocks } from "./header-block.ts";

export interface ConnectionListener {
  data(stream: number, bytes: Buffer): void;
  /** The other side has said all on this stream, or broken it off. */
  finished(stream: number): void;
  /** Nothing more comes and nothing more goes. */
  ended(error: Error | undefined): void;
  /** After a `write` that said "wait": go on. */
  drained(): void;
}

/**
 * The client's side of a SPDY/3.1 connection. There is no flow control but that of TCP, for the servers that speak SPDY to
 * containers know none: who cannot take data calls `pause`.
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #listener: ConnectionListener;
  readonly #reader = new FrameReader();
  readonly #headers = new HeaderBlocks();
  #nextStream = 1;
  #ended = false;

  /** @param early what came over the socket already */
  constructor(socket: Duplex, listener: ConnectionListener, early: Buffer) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("end", () => this.#end(undefined));
    socket.on("close", () => this.#end(undefined));
    socket.on("error", (error) => this.#end(error));
    socket.on("drain", () => listener.drained());
    if (early.length > 0) socket.unshift(early);
  }

  /** Opens a stream and returns its number. */
  open(headers: { readonly [name: string]: string }): number {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#send({ type: "syn-stream", stream, last: false, headers: this.#headers.encode(headers) });
    return stream;
  }

  /** Returns false when the other side cannot keep up: wait for `drained`. */
  write(stream: number, bytes: Buffer): boolean {
    return this.#send({ type: "data", stream, last: false, bytes });
  }

  /** We have said all on this stream. */
  finish(stream: number): void {
    this.#send({ type: "data", stream, last: true, bytes: Buffer.alloc(0) });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.end(encodeFrame({ type: "goaway", lastStream: 0, status: 0 }), () => this.#socket.destroy());
  }

  #send(frame: Exclude<Frame, { readonly type: "other" }>): boolean {
    return this.#ended || this.#socket.write(encodeFrame(frame));
  }

  #take(bytes: Buffer): void {
    if (this.#ended) return;
    try {
      for (const frame of this.#reader.take(bytes)) this.#react(frame);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #react(frame: Frame): void {
    switch (frame.type) {
      case "data":
        if (frame.bytes.length > 0) this.#listener.data(frame.stream, frame.bytes);
        if (frame.last) this.#listener.finished(frame.stream);
        return;
      case "syn-reply":
      case "headers":
        if (frame.last) this.#listener.finished(frame.stream);
        return;
      case "rst-stream":
        return this.#listener.finished(frame.stream);
      case "ping":
        // Odd ones would be answers to ours, which there are not.
        if (frame.id % 2 === 0) this.#send(frame);
        return;
      default:
        return;
    }
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    this.#listener.ended(error);
  }
}
