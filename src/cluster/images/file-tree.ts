import { pack } from "tar-stream";

/** What lies at a path in an image. */
export type TreeNode =
  | { readonly type: "file"; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: "directory"; readonly mode: number }
  | { readonly type: "symlink"; readonly target: string };

/**
 * The files of an image's layer by path, without leading slash. Folders above a path need no entry of their own: who
 * unpacks the layer makes them, or follows a link that a lower layer has there.
 */
export type FileTree = ReadonlyMap<string, TreeNode>;

export function file(content: string | Uint8Array, mode = 0o644): TreeNode {
  return { type: "file", mode, content: typeof content === "string" ? Buffer.from(content) : content };
}

export function directory(mode = 0o755): TreeNode {
  return { type: "directory", mode };
}

export function symlink(target: string): TreeNode {
  return { type: "symlink", target };
}

/** Writes the tree as a tar archive. Everything belongs to root and dates from 1970, so that equal trees give equal bytes. */
export async function toTar(tree: FileTree): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, node] of [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const header = { name, uid: 0, gid: 0, mtime: new Date(0) };
    if (node.type === "file") archive.entry({ ...header, mode: node.mode }, Buffer.from(node.content));
    else if (node.type === "directory") archive.entry({ ...header, type: "directory", mode: node.mode });
    else archive.entry({ ...header, type: "symlink", linkname: node.target, mode: 0o777 });
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
