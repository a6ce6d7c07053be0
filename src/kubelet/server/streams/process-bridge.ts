import type { RawData, WebSocket } from "ws";

import type { ProcessStreams } from "../container-access.ts";
import type { RuntimeConnection } from "./runtime-connection.ts";
import { SpdyConnection } from "./spdy/connection.ts";

/** The first byte of a message says what it is of (`v5.channel.k8s.io`). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
type Outgoing = "stdout" | "stderr" | "error";

/** More than this waiting for a client that does not read, and the runtime is not read either. */
const mostWaitingBytes = 1024 * 1024;
const normalClosure = 1000;

/**
 * Joins a client's WebSocket, which says when its input ends by a message of its own, with the runtime's SPDY, where each stream has
 * an end.
 */
export function bridgeProcess(client: WebSocket, runtime: RuntimeConnection, streams: ProcessStreams): void {
  // It lives as long as the two connections.
  void new ProcessBridge(client, runtime, streams);
}

class ProcessBridge {
  readonly #client: WebSocket;
  readonly #runtime: SpdyConnection;
  readonly #channels = new Map<number, Outgoing>();
  #stdin: number | undefined;
  #resize: number | undefined;
  #errorStream: number | undefined;
  #told = false;

  constructor(client: WebSocket, { socket, early }: RuntimeConnection, { stdin, stdout, stderr, tty }: ProcessStreams) {
    this.#client = client;
    this.#runtime = new SpdyConnection(socket, {
      data: (stream, bytes) => this.#toClient(stream, bytes),
      finished: (stream) => {
        if (stream === this.#errorStream) this.#close();
      },
      ended: (error) => this.#runtimeEnded(error),
      drained: () => client.resume(),
    }, early);
    this.#errorStream = this.#open("error");
    this.#channels.set(this.#errorStream, "error");
    if (stdin) this.#stdin = this.#open("stdin");
    if (stdout) this.#channels.set(this.#open("stdout"), "stdout");
    if (stderr && !tty) this.#channels.set(this.#open("stderr"), "stderr");
    if (tty) this.#resize = this.#open("resize");
    client.on("message", (message) => this.#toRuntime(bytesOf(message)));
    client.on("close", () => this.#runtime.close());
    client.on("error", () => client.terminate());
  }

  #open(streamType: string): number {
    return this.#runtime.open({ streamtype: streamType });
  }

  #toRuntime(message: Buffer): void {
    const [kind, ended] = message;
    if (kind === channel.stdin && this.#stdin !== undefined && message.length > 1) {
      if (!this.#runtime.write(this.#stdin, message.subarray(1))) this.#client.pause();
    } else if (kind === channel.resize && this.#resize !== undefined) {
      this.#runtime.write(this.#resize, message.subarray(1));
    } else if (kind === channel.close && ended === channel.stdin && this.#stdin !== undefined) {
      this.#runtime.finish(this.#stdin);
      this.#stdin = undefined;
    }
  }

  #toClient(stream: number, bytes: Buffer): void {
    const name = this.#channels.get(stream);
    if (name === undefined || this.#client.readyState !== this.#client.OPEN) return;
    this.#told ||= name === "error";
    this.#client.send(Buffer.concat([Buffer.of(channel[name]), bytes]), { binary: true }, () => {
      if (this.#client.bufferedAmount <= mostWaitingBytes) this.#runtime.resume();
    });
    if (this.#client.bufferedAmount > mostWaitingBytes) this.#runtime.pause();
  }

  /** Without a word about how the process ended, the client would take it for a success. */
  #runtimeEnded(error: Error | undefined): void {
    if (!this.#told && this.#errorStream !== undefined) {
      const message = `the connection to the container runtime was lost${error === undefined ? "" : `: ${error.message}`}`;
      const status = { metadata: {}, status: "Failure", message, reason: "InternalError", code: 500 };
      this.#toClient(this.#errorStream, Buffer.from(JSON.stringify(status)));
    }
    this.#close();
  }

  #close(): void {
    this.#client.resume();
    this.#client.close(normalClosure);
    this.#runtime.close();
  }
}

function bytesOf(message: RawData): Buffer {
  if (Buffer.isBuffer(message)) return message;
  return Array.isArray(message) ? Buffer.concat(message) : Buffer.from(message);
}
