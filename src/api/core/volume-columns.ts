export const unset = "<unset>";

const shortModes = [["ReadWriteOnce", "RWO"], ["ReadOnlyMany", "ROX"], ["ReadWriteMany", "RWX"], ["ReadWriteOncePod", "RWOP"]] as const;

/** `RWO,ROX` */
export function accessModesText(modes: readonly string[] = []): string {
  return shortModes.filter(([mode]) => modes.includes(mode)).map(([, short]) => short).join(",");
}
