import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Cluster, startCluster } from "#cluster/library.ts";
import { kubectlProgram, type Outcome, runCommand, RunningCommand } from "./cluster.ts";

/** The real kubectl on a cluster in this process with two simulated nodes: there within a second, without root. */
export class SimulatedKubectl {
  readonly cluster: Cluster;
  /** For files of the test; the kubeconfig lies in here too. */
  readonly directory: string;

  private constructor(cluster: Cluster, directory: string) {
    this.cluster = cluster;
    this.directory = directory;
  }

  static async start(): Promise<SimulatedKubectl> {
    const cluster = await startCluster({ simulatedNodes: 2 });
    await cluster.listen();
    const directory = mkdtempSync(path.join(tmpdir(), "knarr-kubectl-"));
    writeFileSync(path.join(directory, "kubeconfig"), cluster.kubeconfig());
    return new SimulatedKubectl(cluster, directory);
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: path.join(this.directory, "kubeconfig"), HOME: this.directory };
  }

  /** What kubectl prints. `command` is split at spaces; an array is taken as it is. @throws Error unless it ends with 0 */
  async run(command: string | readonly string[], input = ""): Promise<string> {
    const { code, stdout, stderr } = await this.try(command, input);
    if (code !== 0) throw new Error(`kubectl ${String(command)} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  try(command: string | readonly string[], input = "", environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return runCommand(kubectlProgram(), wordsOf(command), { input, environment: { ...this.environment, ...environment } });
  }

  /** kubectl that goes on by itself, such as `proxy`. Stop it. */
  follow(command: string): RunningCommand {
    return new RunningCommand(kubectlProgram(), wordsOf(command), this.environment);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.directory, { recursive: true });
  }
}

function wordsOf(command: string | readonly string[]): readonly string[] {
  return typeof command === "string" ? command.split(" ") : command;
}
