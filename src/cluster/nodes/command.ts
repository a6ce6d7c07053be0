import { spawn } from "node:child_process";

/** Runs a program to its end. Injected wherever the machine is touched, so that a test can look on. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<string>;

export interface RunOptions {
  /** Fed to standard input. */
  readonly input?: string;
}

/** A program that could not be started or did not end with 0. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Exit status; undefined where it was killed or never ran. */
  readonly status: number | undefined;
  readonly stderr: string;

  constructor(command: string, args: readonly string[], status: number | undefined, stderr: string, options?: ErrorOptions) {
    super(`${[command, ...args].join(" ").slice(0, 300)}: ${stderr.trim().slice(-1_000) || `ended with ${status ?? "a signal"}`}`, options);
    this.status = status;
    this.stderr = stderr;
  }
}

/** What a program may print before the rest is dropped. */
const MAXIMUM_OUTPUT_CHARACTERS = 16 * 1024 * 1024;

/** Resolves with standard output; rejects with CommandError. */
export const run: Run = (command, args, options = {}) => new Promise((resolve, reject) => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    if (stdout.length < MAXIMUM_OUTPUT_CHARACTERS) stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    if (stderr.length < MAXIMUM_OUTPUT_CHARACTERS) stderr += chunk;
  });
  child.on("error", (cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? `${command} is not installed` : cause.message;
    reject(new CommandError(command, args, undefined, why, { cause }));
  });
  child.on("close", (status) => {
    if (status === 0) resolve(stdout);
    else reject(new CommandError(command, args, status ?? undefined, stderr));
  });
  // A program that leaves without reading its input has its status to say so.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
});
