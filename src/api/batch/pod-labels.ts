/** Labels by which a job's pods are told from those of all others, the first two by names of older versions. */
export const jobLabels = {
  legacyControllerUid: "controller-uid", legacyJobName: "job-name",
  controllerUid: "batch.kubernetes.io/controller-uid", jobName: "batch.kubernetes.io/job-name",
} as const;

/** The index of a pod of an indexed job: an annotation, and a label as well. */
export const completionIndexKey = "batch.kubernetes.io/job-completion-index";

/** What the pods of a job are labelled with, unless its selector is the client's own. */
export function labelsOfPods({ name, uid }: { readonly name: string; readonly uid: string }): { readonly [key: string]: string } {
  return {
    [jobLabels.controllerUid]: uid, [jobLabels.jobName]: name, [jobLabels.legacyControllerUid]: uid, [jobLabels.legacyJobName]: name,
  };
}
