import type { Plugin } from "../plugin.ts";

/**
 * Holds back pods that need a resource claim (KEP-4381). The API has no claims yet, so that none can be met; what the scheduler says of pods
 * that need none is part of the message that they fit nowhere.
 */
export const dynamicResources: Plugin = {
  name: "DynamicResources",
  holdsBack({ pod }) {
    const [claim] = pod.spec.resourceClaims ?? [];
    if (!claim) return undefined;
    if (claim.resourceClaimName) return `resourceclaim.resource.k8s.io "${claim.resourceClaimName}" not found`;
    const { namespace, name } = pod.metadata;
    return `pod "${namespace}/${name}": ResourceClaim not created yet`;
  },
  rescue: () => ({ message: "no new claims to deallocate", keepsNomination: true }),
};
