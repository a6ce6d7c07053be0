import { shortDuration } from "#machinery/age.ts";
import type { Column, Draft } from "#machinery/kind.ts";
import { dns1123LabelProblems } from "#machinery/names.ts";
import { parseTime } from "#machinery/time.ts";
import type { Job as JobObject } from "../generated/batch-v1.ts";
import { ageColumn, containersColumn, imagesColumn, selectorText } from "../columns.ts";
import { defaultPodTemplate } from "../core/pod-defaults.ts";
import { defineKind } from "../define-kind.ts";
import { jobIs } from "./conditions.ts";
import { jobWarnings } from "./job-warnings.ts";
import { jobLabels, labelsOfPods } from "./pod-labels.ts";
import { validateJob, validateJobUpdate } from "./validation/job.ts";
import { validateJobStatus } from "./validation/job-status.ts";

export type Job = JobObject;

const columns: readonly Column<Job>[] = [
  { name: "Status", type: "string", description: "Whether it runs, or how it ended.", value: statusText },
  { name: "Completions", type: "string", description: "How many pods have succeeded, of how many.", value: completionsText },
  { name: "Duration", type: "string", description: "How long it has taken.", value: durationText },
  ageColumn,
  containersColumn,
  imagesColumn,
  { name: "Selector", type: "string", priority: 1, description: "Which pods belong to it.", value: ({ spec }) => selectorText(spec.selector) },
];

const unlimited = 2 ** 31 - 1;

export const Job = defineKind<Job>({
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  scope: "Namespaced",
  message: "batch/v1.Job",
  categories: ["all"],
  subresources: { status: true },
  columns,
  selectableFields: ["status.successful"],
  fieldAliases: { "status.successful": "status.succeeded" },
  orphansByDefault: true,
  defaults,
  prepareForCreate: generateSelector,
  warnings: (job, old) => [
    ...(old === undefined ? nameWarnings(job.metadata.name) : []),
    ...jobWarnings(job.spec, old === undefined, "spec"),
  ],
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
});

/** These stand here and not in the schema, for the template of a cron job has the same spec and none of its defaults. */
function defaults({ metadata, spec }: Draft<Job>): void {
  defaultPodTemplate(spec.template);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : unlimited;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  const { labels } = spec.template?.metadata ?? {};
  if (Object.keys(metadata.labels ?? {}).length === 0 && labels !== undefined) metadata.labels = { ...labels };
}

/** Labels that no other job's pods have, unless the client looks after that. What contradicts them is refused later. */
function generateSelector(job: Draft<Job>): void {
  const { metadata, spec } = job;
  if (spec?.template === undefined || spec.manualSelector === true) return;
  spec.template.metadata.labels = { ...labelsOfPods(metadata), ...spec.template.metadata.labels };
  const selector = (spec.selector ??= {});
  selector.matchLabels = { [jobLabels.controllerUid]: metadata.uid, ...selector.matchLabels };
  defaults(job);
}

export function nameWarnings(name: string): string[] {
  const problems = dns1123LabelProblems(name);
  if (problems.length === 0) return [];
  const advice = "this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended";
  return [`metadata.name: ${advice}: [${problems.join(" ")}]`];
}

function statusText(job: Job): string {
  if (jobIs(job, "Complete")) return "Complete";
  if (jobIs(job, "Failed")) return "Failed";
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  return (["Suspended", "FailureTarget", "SuccessCriteriaMet"] as const).find((type) => jobIs(job, type)) ?? "Running";
}

function completionsText({ spec: { completions, parallelism }, status: { succeeded = 0 } }: Job): string {
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status: { startTime, completionTime } }: Job, now: number): string {
  const start = parseTime(startTime ?? "");
  return start === undefined ? "" : shortDuration((parseTime(completionTime ?? "") ?? now) - start);
}
