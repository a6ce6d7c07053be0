import { Client, Metadata, credentials } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";

import type { Clock } from "#machinery/clock.ts";
import { RpcError } from "./rpc-error.ts";
import type { Codec, Definitions, MessageName, Received, Sent } from "./definitions.ts";

/** More than any answer that is not an attack or a bug: a listing of some 30,000 containers. */
const MAXIMUM_MESSAGE_BYTES = 64 * 1024 * 1024;

export interface CallOptions {
  /** Fails with DeadlineExceeded after this time. Absent: waits as long as the server takes. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/** One method of a service: its full path and the messages that it takes and gives. */
export interface Method<D extends Definitions, In extends MessageName<D>, Out extends MessageName<D>> {
  /** Such as `/runtime.v1.RuntimeService/Version`. */
  readonly path: string;
  readonly request: In;
  readonly response: Out;
  /** Sent as headers. */
  readonly metadata?: { readonly [name: string]: string };
}

/** What a server-side stream tells. After `ended` nothing follows. */
export interface StreamListener<Message> {
  message(message: Message): void;
  /** @param error why the stream broke, or undefined when the server closed it. */
  ended(error: RpcError | undefined): void;
}

/**
 * gRPC over a unix socket. Connects at the first call, and again by itself after the server was away:
 * a call while the server is away fails with Unavailable at once.
 */
export class Connection<D extends Definitions> {
  readonly #client: Client;
  readonly #codec: Codec<D>;
  readonly #clock: Clock;

  constructor(socketPath: string, codec: Codec<D>, clock: Clock) {
    this.#codec = codec;
    this.#clock = clock;
    this.#client = new Client(`unix://${socketPath}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAXIMUM_MESSAGE_BYTES,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.min_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 1_000,
      "grpc.enable_retries": 0,
      "grpc.service_config_disable_resolution": 1,
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  call<In extends MessageName<D>, Out extends MessageName<D>>(
    method: Method<D, In, Out>, request: Sent<D, In>, options: CallOptions = {},
  ): Promise<Received<D, Out>> {
    const name = nameOf(method.path);
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(new RpcError(name, "Cancelled", "the call was cancelled", { cause: options.signal.reason }));
      const deadline = options.timeoutSeconds === undefined ? {} : { deadline: this.#clock.now() + options.timeoutSeconds * 1_000 };
      const cancel = (): void => call.cancel();
      const done = (error: ServiceError | null, response?: Received<D, Out>): void => {
        options.signal?.removeEventListener("abort", cancel);
        if (error !== null) reject(RpcError.from(name, error));
        else if (response === undefined) reject(new RpcError(name, "Internal", "the answer was empty"));
        else resolve(response);
      };
      const metadata = metadataOf(method);
      const call = this.#client.makeUnaryRequest(method.path, this.#encode(method), this.#decode(method), request, metadata, deadline, done);
      options.signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** Opens a server-side stream. Returns the function that closes it, after which the listener hears nothing more. */
  stream<In extends MessageName<D>, Out extends MessageName<D>>(
    method: Method<D, In, Out>, request: Sent<D, In>, listener: StreamListener<Received<D, Out>>,
  ): () => void {
    let open = true;
    const call = this.#client.makeServerStreamRequest(method.path, this.#encode(method), this.#decode(method), request, metadataOf(method));
    const end = (error: RpcError | undefined): void => {
      if (!open) return;
      open = false;
      listener.ended(error);
    };
    call.on("data", (message: Received<D, Out>) => {
      if (open) listener.message(message);
    });
    call.on("error", (error: ServiceError) => end(RpcError.from(nameOf(method.path), error)));
    call.on("end", () => end(undefined));
    return () => {
      open = false;
      call.cancel();
    };
  }

  /** Ends every call. The connection cannot be used again. */
  close(): void {
    this.#client.close();
  }

  #encode<In extends MessageName<D>>(method: { readonly request: In }): (request: Sent<D, In>) => Buffer {
    return (request) => this.#codec.encode(method.request, request);
  }

  #decode<Out extends MessageName<D>>(method: { readonly response: Out }): (bytes: Buffer) => Received<D, Out> {
    return (bytes) => this.#codec.decode(method.response, bytes);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function metadataOf(method: { readonly metadata?: { readonly [name: string]: string } }): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(method.metadata ?? {})) metadata.set(name, value);
  return metadata;
}
