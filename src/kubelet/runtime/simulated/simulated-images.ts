import { createHash } from "node:crypto";

import type { Images, ImageStatus } from "../runtime.ts";

/** Every image is there, but those whose name ends in `:missing` or whose registry is `missing.example.com`. */
export class SimulatedImages implements Images {
  find(image: string): Promise<ImageStatus | undefined> {
    return Promise.resolve(isMissing(image) ? undefined : statusOf(image));
  }

  pull(image: string): Promise<ImageStatus> {
    if (isMissing(image)) return Promise.reject(new Error(`failed to resolve reference "${image}": ${image}: not found`));
    return Promise.resolve(statusOf(image));
  }

  list(): Promise<readonly ImageStatus[]> {
    return Promise.resolve([]);
  }
}

function isMissing(image: string): boolean {
  return image.endsWith(":missing") || image.startsWith("missing.example.com/");
}

function statusOf(image: string): ImageStatus {
  const id = `sha256:${createHash("sha256").update(image).digest("hex")}`;
  return { id, names: [image], sizeBytes: 1_000_000 };
}
