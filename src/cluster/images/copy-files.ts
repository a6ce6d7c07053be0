import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import path from "node:path";
import { complaint, type Instruction } from "./dockerfile.ts";
import { directory, file, symlink, type TreeNode } from "./file-tree.ts";

/** Bytes of files in one image; they are all in memory at once. */
const mostBytes = 1024 ** 3;

/**
 * Follows a COPY: a folder's contents go into the target; a file becomes the target, or goes into it where it ends with
 * a slash or several are copied. Modes and symbolic links stay, owners become root.
 */
export function copyInto(files: Map<string, TreeNode>, instruction: Instruction, folder: string, workingDirectory: string): void {
  const words = instruction.value.split(/\s+/);
  if (words.some((word) => word.startsWith("--"))) throw complaint(instruction, "flags are not supported: set modes on the files themselves");
  const target = words.pop();
  if (target === undefined || words.length === 0) throw complaint(instruction, "needs what to copy and where to");
  const intoFolder = words.length > 1 || target.endsWith("/") || target === ".";
  const destination = path.posix.resolve(workingDirectory, target).slice(1);
  for (const source of words) {
    const from = path.resolve(folder, source);
    if (!isWithin(from, path.resolve(folder))) throw complaint(instruction, `${source} lies outside of ${folder}`);
    const stats = lstatSync(from, { throwIfNoEntry: false });
    if (stats === undefined) throw complaint(instruction, `there is no ${source} in ${folder} (patterns such as *.txt are not supported)`);
    const to = intoFolder && !stats.isDirectory() ? path.posix.join(destination, path.basename(from)) : destination;
    copy(files, instruction, from, to, stats);
  }
  const bytes = [...files.values()].reduce((total, node) => total + (node.type === "file" ? node.content.length : 0), 0);
  if (bytes > mostBytes) throw complaint(instruction, "more than 1 GiB: build with docker, podman or buildah instead");
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

/** The target itself gets no entry where it need not: it may be a symbolic link in the base, which an entry would replace. */
function copy(files: Map<string, TreeNode>, instruction: Instruction, from: string, to: string, stats: Stats, nested = false): void {
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) {
    const names = readdirSync(from);
    if (to !== "" && (nested || names.length === 0)) files.set(to, directory(mode));
    for (const name of names) {
      const child = path.join(from, name);
      copy(files, instruction, child, path.posix.join(to, name), lstatSync(child), true);
    }
  } else if (stats.isFile()) {
    if (stats.size > mostBytes) throw complaint(instruction, `${from} has more than 1 GiB`);
    files.set(to, file(readFileSync(from), mode));
  } else if (stats.isSymbolicLink()) {
    files.set(to, symlink(readlinkSync(from)));
  } else {
    throw complaint(instruction, `${from} is neither a file, a folder nor a symbolic link`);
  }
}
