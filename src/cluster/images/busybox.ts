import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { findOnPath, isStatic } from "../setup/find-machine.ts";
import type { Progress } from "../setup/install-packages.ts";
import type { Outside } from "../setup/outside.ts";
import { SetupError } from "../setup/setup-error.ts";
import { type FileTree, file, symlink, type TreeNode } from "./file-tree.ts";

/** A static busybox: one program that is a shell and some 270 small commands. */
export interface Busybox {
  readonly program: Uint8Array;
  /** Names under which it may be called, such as `sh`. */
  readonly commands: readonly string[];
}

/**
 * The machine's own static busybox, or else the one of Debian's package, unpacked into `cacheDirectory`. The package is
 * not installed, for it would replace another busybox that the system may use.
 *
 * @throws SetupError when there is neither.
 */
export async function findBusybox(outside: Outside, cacheDirectory: string, progress: Progress): Promise<Busybox> {
  const cached = path.join(cacheDirectory, "busybox");
  const found = [findOnPath(outside, "busybox"), cached].find((candidate) => candidate !== undefined && isStatic(candidate));
  if (found === undefined) await fetchBusybox(outside, cacheDirectory, cached, progress);
  const program = found ?? cached;
  const { status, stdout, stderr } = await outside.run(program, ["--list"]);
  if (status !== 0) throw new SetupError(`${program} does not run (${stderr.trim()}): delete it and try again`);
  return { program: readFileSync(program), commands: stdout.trim().split("\n") };
}

/** A file tree in which all of busybox's commands are to be found. */
export function busyboxTree({ program, commands }: Busybox): FileTree {
  const links = commands.filter((name) => name !== "busybox").map((name): [string, TreeNode] => [`bin/${name}`, symlink("busybox")]);
  return new Map<string, TreeNode>([
    ["bin/busybox", file(program, 0o755)],
    ...links,
    ["sbin", symlink("bin")],
    ["usr/bin", symlink("../bin")],
    ["usr/sbin", symlink("../bin")],
  ]);
}

/** Where Debian's package has the program: since Debian 13, and before. */
const packaged = ["usr/bin/busybox", "bin/busybox"];

async function fetchBusybox(outside: Outside, cacheDirectory: string, target: string, progress: Progress): Promise<void> {
  progress("fetching busybox for the built-in images");
  mkdirSync(cacheDirectory, { recursive: true });
  const folder = mkdtempSync(path.join(cacheDirectory, "fetch-"));
  try {
    // Without the sandbox user, who may not write here.
    const parameters = ["download", "-q", "-o", "APT::Sandbox::User=root", "busybox-static"];
    const fetched = await outside.run("apt-get", parameters, { currentDirectory: folder });
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
    if (fetched.status !== 0 || archive === undefined) throw noBusybox(fetched.stderr);
    const unpacked = await outside.run("dpkg-deb", ["--extract", archive, "."], { currentDirectory: folder });
    if (unpacked.status !== 0) throw noBusybox(unpacked.stderr);
    const program = packaged.map((place) => path.join(folder, place)).find((place) => existsSync(place));
    if (program === undefined) throw new SetupError(`${archive} holds no ${packaged.join(" or ")}: put a static busybox on PATH`);
    copyFileSync(program, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function noBusybox(stderr: string): SetupError {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  return new SetupError(
    `no static busybox on PATH, and apt could not fetch the package busybox-static (${said}), of which the built-in images are made: ` +
      "check the network, or put a static busybox on PATH",
  );
}
