import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** What set-up sees of the machine and does to it; a test puts a made-up machine here. */
export interface Outside {
  readonly platform: NodeJS.Platform;
  /** Effective user id; undefined where there is none. */
  readonly userId: number | undefined;
  /** Directories in which to look for programs, in order. */
  readonly searchPath: readonly string[];
  exists(path: string): boolean;
  /** The file's text, or undefined when it cannot be read. */
  read(path: string): string | undefined;
  /** Writes an executable script. */
  writeScript(path: string, text: string): void;
  remove(path: string): void;
  /** Runs a program to its end. `status` is undefined when it could not be started. Never rejects. */
  run(command: string, parameters: readonly string[], options?: RunOptions): Promise<RunResult>;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each line of output as it comes. */
  readonly onLine?: (line: string) => void;
  readonly currentDirectory?: string;
}

export interface RunResult {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Debian leaves these out of an ordinary user's PATH, and a cluster needs what is in them. */
const systemDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The machine that this process runs on. */
export function thisMachine(): Outside {
  const searchPath = [...new Set([...(process.env.PATH ?? "").split(":").filter((part) => part !== ""), ...systemDirectories])];
  return {
    platform: process.platform,
    userId: process.geteuid?.(),
    searchPath,
    exists: existsSync,
    read(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    writeScript: (path, text) => writeFileSync(path, text, { mode: 0o755 }),
    remove: (path) => rmSync(path, { force: true }),
    run: (command, parameters, options) => run(command, parameters, searchPath, options),
  };
}

function run(command: string, parameters: readonly string[], searchPath: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: options.currentDirectory,
      env: { ...process.env, PATH: searchPath.join(":"), LC_ALL: "C", ...options.environment },
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      let rest = "";
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
        const lines = (rest + text).split(/[\r\n]+/);
        rest = lines.pop() ?? "";
        for (const line of lines) options.onLine?.(line);
      });
    }
    child.on("error", (error) => resolve({ status: undefined, stdout: output.stdout, stderr: error.message }));
    child.on("close", (status) => resolve({ status: status ?? undefined, ...output }));
  });
}
