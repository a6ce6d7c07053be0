import type { ResourceRoute } from "../route.ts";
import { finalizeNamespace } from "./namespace-finalize.ts";
import { bindPod } from "./pod-binding.ts";
import { evictPod } from "./pod-eviction.ts";

/** Subresources that are served by code of their own, besides `status` and `scale`. */
export const subresourceRoutes: readonly ResourceRoute[] = [
  { group: "", resource: "namespaces", subresource: "finalize", verbs: ["update"], answer: finalizeNamespace },
  { group: "", resource: "pods", subresource: "binding", verbs: ["create"], answer: bindPod },
  { group: "", resource: "pods", subresource: "eviction", verbs: ["create"], answer: evictPod },
];
