import type { VolumeType } from "./volume.ts";
import { configMapVolume } from "./volumes/config-map.ts";
import { downwardApiVolume } from "./volumes/downward-api.ts";
import { emptyDirVolume } from "./volumes/empty-dir.ts";
import { hostPathVolume } from "./volumes/host-path.ts";
import { persistentVolumeClaimVolume } from "./volumes/persistent-volume-claim.ts";
import { projectedVolume } from "./volumes/projected.ts";
import { secretVolume } from "./volumes/secret.ts";

/** Every type of volume that a node can mount. */
export const volumeTypes: readonly VolumeType[] = [
  configMapVolume,
  downwardApiVolume,
  emptyDirVolume,
  hostPathVolume,
  persistentVolumeClaimVolume,
  projectedVolume,
  secretVolume,
];
