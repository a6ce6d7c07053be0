import type { Clock, Timer } from "#machinery/clock.ts";
import { Connection } from "../../grpc/connection.ts";
import { Codec } from "../../grpc/definitions.ts";
import type { Definitions, Received } from "../../grpc/definitions.ts";
import type { RpcError } from "../../grpc/rpc-error.ts";

/**
 * containerd's own event stream. It tells of every exit at once, where the CRI's GetContainerEvents is
 * missing (containerd 1.6). The CRI's answers may lag some milliseconds behind an event: who hears `Exited` and
 * still sees the container running asks again. Events are lost while containerd is away: `Connected` says
 * "list everything anew", and a slow relist stays the safety net.
 */
export type ContainerdEvent =
  | { readonly kind: "Connected" }
  | { readonly kind: "Disconnected"; readonly reason: string }
  | { readonly kind: "Started" | "OutOfMemory" | "Removed"; readonly containerId: string }
  | { readonly kind: "Exited"; readonly containerId: string; readonly exitCode: number };

const definitions = {
  enums: {},
  messages: {
    SubscribeRequest: { filters: "repeated string = 1" },
    Envelope: { namespace: "string = 2", topic: "string = 3", event: "Any = 4" },
    Any: { typeUrl: "string = 1", value: "bytes = 2" },
    TaskStart: { containerId: "string = 1", pid: "uint32 = 2" },
    TaskExit: { containerId: "string = 1", id: "string = 2", pid: "uint32 = 3", exitStatus: "uint32 = 4" },
    TaskOOM: { containerId: "string = 1" },
    ContainerDelete: { id: "string = 1" },
    VersionRequest: {},
    VersionResponse: { version: "string = 1", revision: "string = 2" },
  },
} as const satisfies Definitions;

const NAMESPACE = "k8s.io";
const FIRST_WAIT_MILLISECONDS = 50;
const LONGEST_WAIT_MILLISECONDS = 2_000;

const subscribe = {
  path: "/containerd.services.events.v1.Events/Subscribe",
  request: "SubscribeRequest",
  response: "Envelope",
  metadata: { "containerd-namespace": NAMESPACE },
} as const;

const version = { path: "/containerd.services.version.v1.Version/Version", request: "VersionRequest", response: "VersionResponse" } as const;

/** Where the subscription stands: asking whether containerd is there, hearing events, or waiting to ask again. */
type State =
  | { readonly name: "asking"; readonly abort: AbortController }
  | { readonly name: "hearing"; readonly close: () => void }
  | { readonly name: "waiting"; readonly timer: Timer }
  | { readonly name: "closed" };

/** One lasting subscription, which finds containerd again after a restart. The listener is called in order and must not throw. */
export class ContainerdEvents {
  readonly #codec = new Codec(definitions);
  readonly #connection: Connection<typeof definitions>;
  readonly #clock: Clock;
  readonly #listener: (event: ContainerdEvent) => void;
  #state: State = { name: "closed" };
  #wait = FIRST_WAIT_MILLISECONDS;

  constructor(socketPath: string, clock: Clock, listener: (event: ContainerdEvent) => void) {
    this.#connection = new Connection(socketPath, this.#codec, clock);
    this.#clock = clock;
    this.#listener = listener;
    this.#ask();
  }

  close(): void {
    const state = this.#state;
    this.#state = { name: "closed" };
    if (state.name === "asking") state.abort.abort();
    if (state.name === "hearing") state.close();
    if (state.name === "waiting") state.timer.cancel();
    this.#connection.close();
  }

  #ask(): void {
    const abort = new AbortController();
    const state: State = { name: "asking", abort };
    this.#state = state;
    this.#connection.call(version, {}, { timeoutSeconds: 10, signal: abort.signal }).then(
      () => { if (this.#state === state) this.#hear(); },
      () => { if (this.#state === state) this.#retry(); },
    );
  }

  #hear(): void {
    const close = this.#connection.stream(subscribe, { filters: [`namespace==${NAMESPACE}`] }, {
      message: (envelope) => this.#received(envelope),
      ended: (error) => this.#lost(error),
    });
    this.#state = { name: "hearing", close };
    this.#wait = FIRST_WAIT_MILLISECONDS;
    this.#listener({ kind: "Connected" });
  }

  #lost(error: RpcError | undefined): void {
    if (this.#state.name !== "hearing") return;
    this.#retry();
    this.#listener({ kind: "Disconnected", reason: error?.message ?? "the stream ended" });
  }

  #retry(): void {
    this.#state = { name: "waiting", timer: this.#clock.after(this.#wait, () => this.#ask()) };
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MILLISECONDS);
  }

  #received(envelope: Received<typeof definitions, "Envelope">): void {
    const event = envelope.event === null ? undefined : readEvent(this.#codec, envelope.topic, envelope.event.value);
    if (event !== undefined) this.#listener(event);
  }
}

function readEvent(codec: Codec<typeof definitions>, topic: string, bytes: Uint8Array): ContainerdEvent | undefined {
  switch (topic) {
    case "/tasks/start":
      return { kind: "Started", containerId: codec.decode("TaskStart", bytes).containerId };
    case "/tasks/exit": {
      const exit = codec.decode("TaskExit", bytes);
      // An exec's exit has an id of its own.
      return exit.id === exit.containerId ? { kind: "Exited", containerId: exit.containerId, exitCode: exit.exitStatus } : undefined;
    }
    case "/tasks/oom":
      return { kind: "OutOfMemory", containerId: codec.decode("TaskOOM", bytes).containerId };
    case "/containers/delete":
      return { kind: "Removed", containerId: codec.decode("ContainerDelete", bytes).id };
    default:
      return undefined;
  }
}
