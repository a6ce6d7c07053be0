import { join } from "node:path";

import type { Clock } from "#machinery/clock.ts";
import { type NodeDirectories, PodDirectories } from "../pod-directories.ts";
import type { CriClient } from "../runtime/cri/client.ts";
import type { ObservedContainer } from "../runtime/observed.ts";
import type { PodIdentity } from "../runtime/runtime.ts";
import type { ContainerAccess, LogOptions, ProcessStreams } from "./container-access.ts";
import type { LogEntry } from "./log-format.ts";
import { openLogFile } from "./logs/log-file.ts";
import { containerUsage } from "./statistics/cri-usage.ts";
import { readMachineUsage } from "./statistics/machine-usage.ts";
import type { NodeUsage } from "./statistics/usage.ts";

export interface CriAccessOptions {
  readonly client: CriClient;
  readonly clock: Clock;
  readonly directories: Pick<NodeDirectories, "logs">;
  /** Where the kernel tells of the machine. Default /proc. */
  readonly proc?: string;
}

/** The containers of a container runtime. Logs are read from its files, streams come from its streaming server. */
export class CriAccess implements ContainerAccess {
  readonly #options: CriAccessOptions;

  constructor(options: CriAccessOptions) {
    this.#options = options;
  }

  logPath(pod: PodIdentity, { name, attempt }: ObservedContainer): string {
    const { logs } = this.#options.directories;
    return join(new PodDirectories({ root: "", memory: "", logs }, pod).containerLogs(name), `${attempt}.log`);
  }

  openLog(pod: PodIdentity, container: ObservedContainer, options: LogOptions): Promise<AsyncIterable<readonly LogEntry[]>> {
    return openLogFile(this.logPath(pod, container), { ...options, clock: this.#options.clock });
  }

  async run(containerId: string, command: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.#options.client.execSync({ containerId, cmd: command });
    const output = Buffer.concat([stdout, stderr]).toString();
    if (exitCode !== 0) throw new Error(`command terminated with exit code ${exitCode}: ${output}`);
    return output;
  }

  async usage(): Promise<NodeUsage> {
    const { client, clock, directories, proc = "/proc" } = this.#options;
    const [machine, { stats }] = await Promise.all([readMachineUsage(proc, directories.logs), client.listContainerStats({})]);
    return { at: clock.now(), machine, containers: stats.flatMap((each) => containerUsage(each) ?? []) };
  }

  async exec(containerId: string, command: readonly string[], { stdin, stdout, stderr, tty }: ProcessStreams): Promise<URL> {
    const { url } = await this.#options.client.exec({ containerId, cmd: command, stdin, stdout, stderr, tty });
    return new URL(url);
  }

  async attach(containerId: string, { stdin, stdout, stderr, tty }: ProcessStreams): Promise<URL> {
    const { url } = await this.#options.client.attach({ containerId, stdin, stdout, stderr, tty });
    return new URL(url);
  }

  async portForward(podSandboxId: string, ports: readonly number[]): Promise<URL> {
    const { url } = await this.#options.client.portForward({ podSandboxId, port: ports });
    return new URL(url);
  }
}
