import type { ObservedContainer } from "../runtime/observed.ts";
import type { PodIdentity } from "../runtime/runtime.ts";
import type { LogEntry } from "./log-format.ts";
import type { NodeUsage } from "./statistics/usage.ts";

/** How the server reaches into the node's containers: what differs between real ones and simulated ones. */
export interface ContainerAccess {
  /** What a container wrote, in pieces; it must be iterated. Following, until the container ends. Rejects when there is no log. */
  openLog(pod: PodIdentity, container: ObservedContainer, options: LogOptions): Promise<AsyncIterable<readonly LogEntry[]>>;
  /** Runs a command to its end. Rejects when it cannot be run. */
  run(containerId: string, command: readonly string[]): Promise<string>;

  /** What the node and its containers use now. Rejects with the runtime's reason. */
  usage(): Promise<NodeUsage>;

  /** Where to connect, once, to run a command with its streams. These reject with the runtime's reason. */
  exec(containerId: string, command: readonly string[], streams: ProcessStreams): Promise<URL>;
  /** Where to connect to the container's own process. */
  attach(containerId: string, streams: ProcessStreams): Promise<URL>;
  /** Where to connect to reach ports of the pod. @param ports those that are asked for before the connection is there */
  portForward(sandboxId: string, ports: readonly number[]): Promise<URL>;
}

export interface LogOptions {
  readonly tailLines?: number;
  readonly stream?: LogEntry["stream"];
  /** Says, when following, whether the container may still write. */
  readonly isLive?: () => boolean;
  readonly signal: AbortSignal;
}

/** Which of a process's streams a client wants. A terminal has no stderr of its own. */
export interface ProcessStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}
