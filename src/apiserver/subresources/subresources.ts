import type { ResourceRoute } from "../route.ts";
import { certificateApproval } from "./certificate-approval.ts";
import { finalizeNamespace } from "./namespace-finalize.ts";
import { bindPod } from "./pod-binding.ts";
import { evictPod } from "./pod-eviction.ts";
import { podEphemeralContainers, podResize } from "./pod-parts.ts";
import { podLog, podPortForward, podProcess } from "./pod-streams.ts";
import { proxyNode, proxyPod, proxyService } from "./proxy.ts";

const anyVerb: readonly string[] = ["create", "get", "update", "patch", "delete", "head", "options"];

/** Subresources that are served by code of their own, besides `status` and `scale`. */
export const subresourceRoutes: readonly ResourceRoute[] = [
  {
    group: "certificates.k8s.io", resource: "certificatesigningrequests", subresource: "approval", verbs: ["get", "update", "patch"],
    answer: certificateApproval,
  },
  { group: "", resource: "namespaces", subresource: "finalize", verbs: ["update"], answer: finalizeNamespace },
  { group: "", resource: "pods", subresource: "binding", verbs: ["create"], answer: bindPod },
  { group: "", resource: "pods", subresource: "eviction", verbs: ["create"], answer: evictPod },
  { group: "", resource: "pods", subresource: "ephemeralcontainers", verbs: ["get", "update", "patch"], answer: podEphemeralContainers },
  { group: "", resource: "pods", subresource: "resize", verbs: ["get", "update", "patch"], answer: podResize },
  { group: "", resource: "pods", subresource: "log", verbs: ["get"], answer: podLog },
  { group: "", resource: "pods", subresource: "exec", verbs: ["create", "get"], answer: podProcess },
  { group: "", resource: "pods", subresource: "attach", verbs: ["create", "get"], answer: podProcess },
  { group: "", resource: "pods", subresource: "portforward", verbs: ["create", "get"], answer: podPortForward },
  { group: "", resource: "pods", subresource: "proxy", verbs: anyVerb, answer: proxyPod },
  { group: "", resource: "services", subresource: "proxy", verbs: anyVerb, answer: proxyService },
  { group: "", resource: "nodes", subresource: "proxy", verbs: anyVerb, answer: proxyNode },
];
