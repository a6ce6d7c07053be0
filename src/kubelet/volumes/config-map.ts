import type { FilesVolume } from "../volume.ts";
import { configMapFiles } from "../volume-content.ts";

/** Files from a config map's keys. */
export const configMapVolume: FilesVolume = {
  is: "files",
  source: "configMap",
  confidential: false,
  files({ configMap: source }, context) {
    return configMapFiles(context, {
      name: source?.name ?? "", items: source?.items, optional: source?.optional ?? false, mode: source?.defaultMode ?? 0o644,
    });
  },
};
