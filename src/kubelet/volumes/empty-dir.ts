import { chmod, mkdir } from "node:fs/promises";

import type { Pod } from "#api/generated/core-v1.ts";
import { value } from "#machinery/quantity.ts";
import { podLimits } from "#api/core/pod-requests.ts";
import type { DirectoryVolume } from "../volume.ts";

/** Empty at first, gone with the pod; on disk, or in memory, which counts against the containers' limits. */
export const emptyDirVolume: DirectoryVolume = {
  is: "directory",
  source: "emptyDir",
  async setUp({ emptyDir }, { pod, directory, mounter }) {
    await mkdir(directory, { recursive: true });
    const medium = emptyDir?.medium ?? "";
    if (medium === "Memory") {
      if (!await mounter.isMounted(directory)) await mounter.mountMemory(directory, { bytes: memoryBytes(pod, emptyDir?.sizeLimit), mode: 0o777 });
    } else if (medium === "") {
      await chmod(directory, 0o777);
    } else {
      throw new Error(`emptyDir medium ${medium} is not supported by this node`);
    }
    return { path: directory, readOnly: false, takesGroup: true };
  },
};

/** The smaller of what the volume may have and what the pod may have (KEP-1967). */
function memoryBytes(pod: Pod, sizeLimit: string | undefined): number | undefined {
  const sizes = [sizeLimit, podLimits(pod)["memory"]].map((text) => value(text ?? "0")).filter((bytes) => bytes > 0);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}
