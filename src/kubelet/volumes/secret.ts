import type { FilesVolume } from "../volume.ts";
import { secretFiles } from "../volume-content.ts";

/** Files from a secret's keys, in memory. */
export const secretVolume: FilesVolume = {
  is: "files",
  source: "secret",
  confidential: true,
  files({ secret: source }, context) {
    return secretFiles(context, {
      name: source?.secretName ?? "", items: source?.items, optional: source?.optional ?? false, mode: source?.defaultMode ?? 0o644,
    });
  },
};
