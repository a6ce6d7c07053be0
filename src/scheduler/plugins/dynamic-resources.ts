import type { Plugin } from "../plugin.ts";

/**
 * Holds back pods that need a resource claim (KEP-4381): devices are not given out here. What the scheduler says of pods that need none is part
 * of the message that they fit nowhere.
 */
export const dynamicResources: Plugin = {
  name: "DynamicResources",
  holdsBack({ pod }) {
    const claims = pod.spec.resourceClaims ?? [];
    return claims.length === 0 ? undefined : `resource claims are not allocated by this scheduler: ${claims.map(({ name }) => name).join(", ")}`;
  },
  rescue: () => ({ message: "no new claims to deallocate", keepsNomination: true }),
};
