import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pack } from "tar-stream";
import { findBusybox } from "#cluster/images/busybox.ts";
import { thisMachine } from "#cluster/setup/outside.ts";

/** Writes an OCI archive of one image whose only file is a static busybox. The entrypoint sleeps until it is told to end. */
export async function writeScratchImage(path: string, names: readonly string[]): Promise<void> {
  const { program } = await findBusybox(thisMachine(), dirname(path), () => {});
  const busybox = Buffer.from(program);
  const layer = await tar([["bin/busybox", busybox, 0o755]]);
  const configuration = json({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Entrypoint: ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM; while :; do busybox sleep 3600 & wait; done"], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    config: descriptor("application/vnd.oci.image.config.v1+json", configuration),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const index = json({
    schemaVersion: 2,
    manifests: names.map((name) => ({
      ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest), annotations: { "io.containerd.image.name": name },
    })),
  });
  const blobs = [layer, configuration, manifest].map((blob): File => [`blobs/sha256/${digest(blob).slice(7)}`, blob, 0o644]);
  await writeFile(path, await tar([["oci-layout", json({ imageLayoutVersion: "1.0.0" }), 0o644], ["index.json", index, 0o644], ...blobs]));
}

type File = readonly [name: string, content: Buffer, mode: number];

async function tar(files: readonly File[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content, mode] of files) archive.entry({ name, mode, mtime: new Date(0) }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function descriptor(mediaType: string, content: Buffer) {
  return { mediaType, digest: digest(content), size: content.length };
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
