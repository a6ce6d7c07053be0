import type { Pod } from "#api/generated/core-v1.ts";
import type { PodIdentity } from "./runtime/runtime.ts";

/** Stands in for a pod of which only its remains are known, so that they can be taken away in the usual way. */
export function orphanedPod({ uid, namespace, name }: PodIdentity): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { uid, namespace, name, resourceVersion: "0", creationTimestamp: "1970-01-01T00:00:00Z" },
    spec: {
      containers: [], restartPolicy: "Never", terminationGracePeriodSeconds: 30, dnsPolicy: "Default", securityContext: {},
      schedulerName: "default-scheduler", enableServiceLinks: false,
    },
    status: {},
  };
}
