import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { carriedProgram } from "#cluster/lifecycle/kubectl.ts";

const repository = path.resolve(import.meta.dirname, "../..");
/** Unpacked once for all runs, in a directory that git ignores. */
const tools = path.join(repository, ".cache", "tools");

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Fed to standard input. */
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** What to do with it after so long, in which case it has failed. Default 60 s. */
  readonly timeoutMilliseconds?: number;
}

/** A cluster brought up by `./knarr up`, with a KNARR_HOME and a kubeconfig of its own in a temporary directory. */
export class TestCluster {
  readonly name: string;
  /** KNARR_HOME and kubeconfig lie in here, and what a test wants to put down. */
  readonly directory: string;

  constructor(name: string, directory = mkdtempSync(path.join(tmpdir(), "knarr-e2e-"))) {
    this.name = name;
    this.directory = directory;
  }

  /** Names are unique among the runs on a machine: the process id is part of them. */
  static async start(label: string, ...flags: readonly string[]): Promise<TestCluster> {
    const cluster = new TestCluster(`${label}-${process.pid}`);
    try {
      await cluster.knarr(["up", "--port", String(await freePort()), ...flags], { timeoutMilliseconds: 150_000 });
    } catch (error) {
      const logs = await cluster.tryKnarr(["logs"]);
      await cluster.delete().catch(() => undefined);
      throw new Error(`the cluster did not come up:\n${logs.stdout.slice(-5_000)}`, { cause: error });
    }
    return cluster;
  }

  get kubeconfig(): string {
    return path.join(this.directory, "kubeconfig");
  }

  get dataDirectory(): string {
    return path.join(this.directory, "home", "data", this.name);
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, KNARR_HOME: path.join(this.directory, "home"), KUBECONFIG: this.kubeconfig, HOME: this.directory };
  }

  /** `./knarr VERB --name CLUSTER …`. Resolves with standard output; rejects unless it ends with 0. */
  async knarr(words: readonly string[], options: CommandOptions = {}): Promise<string> {
    return expectSuccess(words, await this.tryKnarr(words, options));
  }

  tryKnarr([verb = "", ...rest]: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
    const environment = { ...this.environment, ...options.environment };
    return runCommand(path.join(repository, "knarr"), [verb, "--name", this.name, ...rest], { ...options, environment });
  }

  /** The real kubectl. `command` is split at spaces; an array is taken as it is. Rejects unless it ends with 0. */
  async kubectl(command: string | readonly string[], options: CommandOptions = {}): Promise<string> {
    return expectSuccess(wordsOf(command), await this.tryKubectl(command, options));
  }

  tryKubectl(command: string | readonly string[], options: CommandOptions = {}): Promise<Outcome> {
    return runCommand(kubectlProgram(), wordsOf(command), { ...options, environment: { ...this.environment, ...options.environment } });
  }

  /** kubectl that goes on by itself, such as `logs --follow`. Stop it. */
  followKubectl(command: string | readonly string[]): RunningCommand {
    return new RunningCommand(kubectlProgram(), wordsOf(command), this.environment);
  }

  apply(manifest: string, ...flags: readonly string[]): Promise<string> {
    return this.kubectl(["apply", "--filename", "-", ...flags], { input: manifest });
  }

  /** Removes the cluster and the temporary directory. */
  async delete(): Promise<void> {
    const { code, stderr } = await this.tryKnarr(["delete"], { timeoutMilliseconds: 120_000 });
    rmSync(this.directory, { recursive: true, force: true });
    if (code !== 0 && !stderr.includes("there is no cluster")) throw new Error(`knarr delete: ${stderr}`);
  }
}

export function kubectlProgram(): string {
  return carriedProgram("kubectl/kubectl", tools);
}

export function helmProgram(): string {
  return carriedProgram("helm/helm", tools);
}

/** A program that runs beside the test. */
export class RunningCommand {
  readonly #child: ChildProcess;
  /** What it has printed so far, on either output. */
  output = "";

  constructor(program: string, parameters: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(program, parameters, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
  }

  /** Resolves with all output when it contains the text. */
  printed(text: string, seconds = 20): Promise<string> {
    return eventually(async () => this.output, (output) => output.includes(text), seconds);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

/** Runs a program to its end; never rejects for what the program does. */
export function runCommand(program: string, parameters: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { env: options.environment ?? process.env, stdio: "pipe" });
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMilliseconds ?? 60_000);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout, stderr: signal === null ? stderr : `${stderr}\nended by ${signal}` });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** Looks again and again until `probe` gives something that `isWanted`. Rejects with what it gave last. */
export async function eventually<T>(probe: () => Promise<T>, isWanted: (value: T) => boolean, seconds = 30): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const value = await probe().catch((error: unknown) => error as Error);
    if (!(value instanceof Error) && isWanted(value)) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s; last seen: ${value instanceof Error ? value.message : JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A port on loopback that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

function wordsOf(command: string | readonly string[]): readonly string[] {
  return typeof command === "string" ? command.split(" ") : command;
}

function expectSuccess(words: readonly string[], { code, stdout, stderr }: Outcome): string {
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}
