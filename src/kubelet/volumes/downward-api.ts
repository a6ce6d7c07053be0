import type { FilesVolume } from "../volume.ts";
import { downwardFiles } from "../volume-content.ts";

/** Files with what the pod says of itself. */
export const downwardApiVolume: FilesVolume = {
  is: "files",
  source: "downwardAPI",
  confidential: false,
  files({ downwardAPI: source }, context) {
    return Promise.resolve(downwardFiles(context, source?.items ?? [], source?.defaultMode ?? 0o644));
  },
};
