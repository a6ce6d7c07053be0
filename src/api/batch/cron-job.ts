import { ageOf } from "#machinery/age.ts";
import type { Column } from "#machinery/kind.ts";
import type { CronJob as CronJobObject, JobSpec } from "../generated/batch-v1.ts";
import { ageColumn, containersColumn, imagesColumn, none, selectorText } from "../columns.ts";
import { defaultPodTemplate } from "../core/pod-defaults.ts";
import { defineKind } from "../define-kind.ts";
import { nameWarnings } from "./job.ts";
import { jobWarnings } from "./job-warnings.ts";
import { validateCronJob, validateCronJobUpdate, validateNewCronJob } from "./validation/cron-job.ts";

export type CronJob = CronJobObject;

const columns: readonly Column<CronJob>[] = [
  { name: "Schedule", type: "string", description: "When jobs start, in the notation of cron.", value: ({ spec }) => spec.schedule },
  { name: "Timezone", type: "string", description: "Time zone of the timetable.", value: ({ spec }) => spec.timeZone ?? none },
  { name: "Suspend", type: "boolean", description: "Whether no job starts.", value: ({ spec }) => (spec.suspend ? "True" : "False") },
  { name: "Active", type: "integer", description: "How many jobs run.", value: ({ status }) => status.active?.length ?? 0 },
  {
    name: "Last Schedule", type: "string", description: "How long ago a job last started.",
    value: ({ status: { lastScheduleTime } }, now) => (lastScheduleTime === undefined ? none : ageOf(lastScheduleTime, now)),
  },
  ageColumn,
  { ...containersColumn, value: ({ spec }) => containersColumn.value(jobOf(spec), 0) },
  { ...imagesColumn, value: ({ spec }) => imagesColumn.value(jobOf(spec), 0) },
  {
    name: "Selector", type: "string", priority: 1, description: "Which pods belong to its jobs.",
    value: ({ spec }) => selectorText(spec.jobTemplate.spec.selector),
  },
];

export const CronJob = defineKind<CronJob>({
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  scope: "Namespaced",
  message: "batch/v1.CronJob",
  shortNames: ["cj"],
  categories: ["all"],
  subresources: { status: true },
  columns,
  defaults: ({ spec }) => defaultPodTemplate(spec?.jobTemplate?.spec?.template),
  warnings: (cronJob, old) => [
    ...(old === undefined ? nameWarnings(cronJob.metadata.name) : []),
    ...jobWarnings(cronJob.spec.jobTemplate.spec, old === undefined, "spec.jobTemplate.spec"),
  ],
  validate: validateCronJob,
  validateCreate: validateNewCronJob,
  validateUpdate: validateCronJobUpdate,
});

/** The job that it makes, as far as columns are concerned. */
function jobOf({ jobTemplate }: CronJob["spec"]): { readonly spec: JobSpec } {
  return { spec: jobTemplate.spec };
}
