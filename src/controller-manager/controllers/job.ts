import { defineController } from "../runtime.ts";
import { jobController } from "./job/reconcile-job.ts";
import { jobPodReleaseController } from "./job/release-pods.ts";

/** Jobs, and the pods that no job counts any more; one service account. */
export const job = defineController(jobController);
export const jobPodRelease = defineController(jobPodReleaseController);
