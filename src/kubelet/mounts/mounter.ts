import { readFile } from "node:fs/promises";

import type { Run } from "../command.ts";

/** Mounts and unmounts, by mount(8) and umount(8), and knows what is mounted (proc_pid_mountinfo(5)). */
export class Mounter {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async isMounted(path: string): Promise<boolean> {
    return (await this.#mountPoints()).includes(path);
  }

  /** A file system in memory. @param bytes at most; absent: half of the machine's memory */
  async mountMemory(path: string, { bytes, mode }: { readonly bytes: number | undefined; readonly mode: number }): Promise<void> {
    const options = [`mode=${mode.toString(8)}`, "noswap", ...bytes === undefined ? [] : [`size=${bytes}`]];
    const mount = (list: readonly string[]): Promise<string> => this.#run("mount", ["-t", "tmpfs", "-o", list.join(","), "tmpfs", path]);
    // Kernels before 6.4 do not know noswap.
    await mount(options).catch(() => mount(options.filter((option) => option !== "noswap")));
  }

  /** Shows `source` at `target` also. The source is taken as it is: no symbolic link in it is resolved anew. */
  async bind(source: string, target: string): Promise<void> {
    await this.#run("mount", ["--no-canonicalize", "--bind", source, target]);
  }

  /** Lets mounts made below a directory be seen through its other views, and the other way round. */
  async share(path: string): Promise<void> {
    if (!await this.isMounted(path)) await this.bind(path, path);
    await this.#run("mount", ["--make-rshared", path]);
  }

  /** Unmounts everything below a directory, and the directory itself. */
  async unmountBelow(directory: string): Promise<void> {
    for (let round = 0; round < 3; round++) {
      const points = (await this.#mountPoints()).filter((point) => point === directory || point.startsWith(`${directory}/`));
      if (points.length === 0) return;
      for (const point of points.reverse()) {
        await this.#run("umount", ["--no-canonicalize", point]).catch(() => this.#run("umount", ["--lazy", point]));
      }
    }
    throw new Error(`something below ${directory} stays mounted`);
  }

  /** In the order in which they were mounted. */
  async #mountPoints(): Promise<string[]> {
    const text = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map((line) => unescape(line.split(" ")[4] ?? ""));
  }
}

function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
