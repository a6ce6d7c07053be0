import { createHash } from "node:crypto";
import { file, type TreeNode, toTar } from "./file-tree.ts";

/** How containers of an image run: the `config` member of an OCI image configuration (OCI image spec, config.md). */
export interface ImageSettings {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

/** An image in memory. */
export interface Image {
  /** With a domain that has a dot and with a tag, such as `knarr.local/hello:1`. */
  readonly name: string;
  /** Uncompressed tar archives, lowest first. */
  readonly layers: readonly Uint8Array[];
  readonly settings: ImageSettings;
}

/** The processor of this machine as OCI names it. */
export function architecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
};

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * The image as an OCI archive, which `ctr images import`, `podman load` and the like read (OCI image spec, image-layout.md).
 * Equal images give equal bytes.
 */
export async function toArchive(image: Image): Promise<Uint8Array> {
  const blobs = new Map<string, TreeNode>();
  const add = (mediaType: string, content: Uint8Array): Descriptor => {
    const hash = createHash("sha256").update(content).digest("hex");
    blobs.set(`blobs/sha256/${hash}`, file(content));
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const addJson = (mediaType: string, value: object): Descriptor => add(mediaType, Buffer.from(JSON.stringify(value)));

  const layers = image.layers.map((layer) => add(mediaTypes.layer, layer));
  const config = addJson(mediaTypes.config, {
    architecture: architecture(),
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: image.settings,
    // The layers are not compressed, so their digests are those of their contents.
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = addJson(mediaTypes.manifest, { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers });
  const annotations = {
    "io.containerd.image.name": image.name,
    "org.opencontainers.image.ref.name": image.name.slice(image.name.lastIndexOf(":") + 1),
  };
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ ...manifest, platform: { architecture: architecture(), os: "linux" }, annotations }],
  };
  blobs.set("index.json", file(JSON.stringify(index)));
  blobs.set("oci-layout", file(JSON.stringify({ imageLayoutVersion: "1.0.0" })));
  return toTar(blobs);
}
