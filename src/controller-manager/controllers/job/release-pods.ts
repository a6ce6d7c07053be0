import { isJobFinished } from "#api/batch/conditions.ts";
import { Job } from "#api/batch/job.ts";
import { Pod } from "#api/core/pod.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import type { Caches, Controller } from "../../controller.ts";
import { allow } from "../../rules.ts";
import { keyOf } from "../../runtime.ts";
import { isTracked, releases } from "./tracking.ts";

interface World {
  /** A job that is still going to count the pod. */
  readonly isAwaited: boolean;
}

/** Lets go of pods that no job will count any more: theirs has ended, has gone, or has let them go. */
export const jobPodReleaseController: Controller<Pod, World> = {
  name: "job-pod-release",
  account: "job-controller",
  permissions: [allow("get list watch", "batch", "jobs"), allow("list watch patch", "", "pods")],
  kind: Pod,
  watches: [{ kind: Job, keys: podsOfJob }],
  observe: (pod, caches) => ({ isAwaited: isTracked(pod) && isAwaited(pod, caches) }),
  reconcile: (pod, { isAwaited: awaited }) => (awaited ? {} : { writes: [releases([pod])] }),
};

function podsOfJob({ metadata: { uid } }: KubeObject, caches: Caches): string[] {
  return caches.of(Pod).byIndex("owner", uid).map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

function isAwaited(pod: Pod, caches: Caches): boolean {
  const owner = controllerOf(pod);
  if (owner?.kind !== "Job") return false;
  const job = caches.of(Job).get(pod.metadata.namespace, owner.name);
  return job?.metadata.uid === owner.uid && !isJobFinished(job);
}
