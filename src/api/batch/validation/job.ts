import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { Draft } from "#machinery/kind.ts";
import { dns1123LabelProblems } from "#machinery/names.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { PodSpec, PodTemplateSpec } from "../../generated/core-v1.ts";
import type { Job, JobSpec } from "../../generated/batch-v1.ts";
import { checkLabelSelector, checkUnchanged, selects } from "../../field-checks.ts";
import { labelsOfPods } from "../pod-labels.ts";
import { validateJobSpec } from "./job-spec.ts";

const specPath = fieldPath("spec");

export function validateJob(job: Job): FieldError[] {
  const { spec, metadata } = job;
  const { selector, template } = spec;
  const labels = template.metadata.labels;
  const errors = [...validateGeneratedSelector(job), ...validateJobSpec(spec, specPath)];
  if (selector === undefined) errors.push(requiredValue(specPath.child("selector")));
  else errors.push(...checkLabelSelector(selector, specPath.child("selector")));
  if (selector !== undefined && selects(selector, labels) === false) {
    errors.push(invalidValue(specPath.child("template", "metadata", "labels"), labels ?? null, "`selector` does not match template `labels`"));
  }
  if (spec.completionMode !== "Indexed" || (spec.completions ?? 0) === 0) return errors;
  const longestHostname = `${metadata.name}-${(spec.completions ?? 0) - 1}`;
  if (dns1123LabelProblems(longestHostname).length > 0) {
    errors.push(invalidValue(fieldPath("metadata", "name"), metadata.name, `will not able to create pod with invalid DNS label: ${longestHostname}`));
  }
  return errors;
}

/** What the server adds must not contradict what the client wrote. */
function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  const { manualSelector, selector, template } = spec;
  if (manualSelector === true || selector === undefined) return [];
  const expected = labelsOfPods(metadata);
  const path = specPath.child("template", "metadata", "labels");
  const labels = template.metadata.labels ?? {};
  const wrong = Object.entries(expected).flatMap(([key, value]) => {
    if (labels[key] === undefined) return [requiredValue(path.key(key), `must be '${value}'`)];
    return labels[key] === value ? [] : [invalidValue(path.key(key), labels, `must be '${value}'`)];
  });
  if (selects(selector, expected) !== false) return wrong;
  return [...wrong, invalidValue(specPath.child("selector"), selector, "`selector` not auto-generated")];
}

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const [spec, before] = [job.spec, old.spec];
  const fixed = ["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const;
  return [
    ...validateCompletions(spec, before, specPath.child("completions")),
    ...validateTemplateUpdate(job, old, specPath.child("template")),
    ...fixed.flatMap((name) => checkUnchanged(spec[name], before[name], specPath.child(name))),
  ];
}

/** Indexed jobs may get larger and smaller, all at once. */
function validateCompletions(spec: JobSpec, old: JobSpec, path: FieldPath): FieldError[] {
  if (spec.completionMode !== "Indexed") return checkUnchanged(spec.completions, old.completions, path);
  if (spec.completions === undefined || spec.completions === old.completions || spec.completions === spec.parallelism) return [];
  return [invalidValue(path, spec.completions, "can only be modified in tandem with spec.parallelism")];
}

/** A suspended job that has no pods may be told where its pods go and what they need (KEP-2926, KEP-5440). */
function validateTemplateUpdate({ spec: { template } }: Job, { spec: old, status }: Job, path: FieldPath): FieldError[] {
  const before = structuredClone(old.template) as Draft<PodTemplateSpec>;
  if (old.suspend) {
    allowResources(before.spec, template.spec);
    if (status.startTime === undefined) allowScheduling(before, template);
  }
  return semanticallyEqual(before, template) ? [] : checkUnchanged(template, old.template, path);
}

function allowScheduling(before: Draft<PodTemplateSpec>, { metadata, spec }: PodTemplateSpec): void {
  const after = structuredClone({ metadata, spec }) as Draft<PodTemplateSpec>;
  for (const name of ["labels", "annotations"] as const) before.metadata[name] = after.metadata[name];
  for (const name of ["nodeSelector", "tolerations", "schedulingGates"] as const) Object.assign(before.spec, { [name]: after.spec[name] });
  const affinity = { ...before.spec.affinity };
  delete affinity.nodeAffinity;
  const { nodeAffinity } = after.spec.affinity ?? {};
  before.spec.affinity = { ...affinity, ...(nodeAffinity ? { nodeAffinity } : {}) };
}

function allowResources(before: Draft<PodSpec>, after: PodSpec): void {
  for (const list of ["containers", "initContainers"] as const) {
    for (const [index, container] of (before[list] ?? []).entries()) {
      const now = after[list]?.[index];
      if (now?.name === container.name) container.resources = structuredClone(now.resources) as Draft<typeof now.resources>;
    }
  }
}
