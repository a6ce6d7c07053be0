import { equal, semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue, notFoundValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import type { Container, EphemeralContainer, Pod, PodSpec, Toleration } from "../../generated/core-v1.ts";
import { checkDistinct, checkRange } from "../../field-checks.ts";
import { validateContainer, validateImage } from "./containers.ts";
import { validatePodSpec } from "./pod-spec.ts";

const specPath = fieldPath("spec");

export function validatePod({ spec }: Pod): FieldError[] {
  return validatePodSpec(spec, specPath);
}

/** What holds for a pod that is new, in addition. */
export function validateNewPod({ spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.ephemeralContainers ?? []).length > 0) errors.push(forbiddenValue(specPath.child("ephemeralContainers"), "cannot be set on create"));
  if (spec.nodeName !== undefined && (spec.schedulingGates ?? []).length > 0) {
    errors.push(forbiddenValue(specPath.child("nodeName"), "cannot be set until all schedulingGates have been cleared"));
  }
  return errors;
}

const onlyThese = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
  + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
  + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** A pod stays what it is, but for images, deadlines, more tolerations and fewer scheduling gates. */
export function validatePodUpdate({ spec }: Pod, { spec: old }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["containers", "initContainers"] as const) {
    const [containers, before] = [spec[name] ?? [], old[name] ?? []];
    const path = specPath.child(name);
    if (containers.length !== before.length) return [forbiddenValue(path, "pod updates may not add or remove containers")];
    errors.push(...containers.flatMap(({ image }, index) => validateImage(image, path.index(index).child("image"))));
  }
  errors.push(...validateDeadline(spec.activeDeadlineSeconds, old.activeDeadlineSeconds));
  errors.push(...validateAddedTolerations(spec.tolerations ?? [], old.tolerations ?? []));
  errors.push(...validateRemovedGates(spec, old));
  const allowed = withAllowedChanges(old, spec);
  if (!semanticallyEqual(allowed, spec)) errors.push(forbiddenValue(specPath, `${onlyThese}\n${changedFields(allowed, spec)}`));
  return errors;
}

/** The old spec with everything of the new one that may be new. */
function withAllowedChanges(old: PodSpec, spec: PodSpec): PodSpec {
  const images = (before: readonly Container[], after: readonly Container[]): Container[] =>
    before.map((container, index) => ({ ...container, image: after[index]?.image }));
  const isGated = (old.schedulingGates ?? []).length > 0;
  return {
    ...old,
    containers: images(old.containers, spec.containers),
    initContainers: images(old.initContainers ?? [], spec.initContainers ?? []),
    activeDeadlineSeconds: spec.activeDeadlineSeconds,
    tolerations: spec.tolerations,
    schedulingGates: spec.schedulingGates,
    ...(old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1 ? { terminationGracePeriodSeconds: 1 } : {}),
    // A gated pod is not placed yet: what it asks of its node may still become narrower.
    ...(isGated && isNarrower(spec.nodeSelector, old.nodeSelector) ? { nodeSelector: spec.nodeSelector } : {}),
    ...(isGated && old.affinity?.nodeAffinity === undefined ? { affinity: spec.affinity } : {}),
  };
}

function isNarrower(selector: PodSpec["nodeSelector"] = {}, old: PodSpec["nodeSelector"] = {}): boolean {
  return Object.entries(old).every(([key, value]) => selector[key] === value);
}

function changedFields(old: PodSpec, spec: PodSpec): string {
  const [before, after] = [old as unknown, spec as unknown] as [{ readonly [name: string]: unknown }, { readonly [name: string]: unknown }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !semanticallyEqual(before[name], after[name]));
  return names.map((name) => `- ${name}: ${JSON.stringify(before[name]) ?? "null"}\n+ ${name}: ${JSON.stringify(after[name]) ?? "null"}\n`).join("");
}

function validateDeadline(seconds: number | undefined, old: number | undefined): FieldError[] {
  const path = specPath.child("activeDeadlineSeconds");
  if (seconds === undefined) return old === undefined ? [] : [invalidValue(path, null, "must not update from a positive integer to nil value")];
  const errors = checkRange(seconds, 0, 2 ** 31 - 1, path);
  return old !== undefined && seconds > old ? [...errors, invalidValue(path, seconds, "must be less than or equal to previous value")] : errors;
}

function validateAddedTolerations(tolerations: readonly Toleration[], old: readonly Toleration[]): FieldError[] {
  const same = (a: Toleration, b: Toleration): boolean => equal({ ...a, tolerationSeconds: undefined }, { ...b, tolerationSeconds: undefined });
  const kept = old.every((before) => tolerations.some((after) => same(before, after)));
  return kept ? [] : [forbiddenValue(specPath.child("tolerations"), "existing toleration can not be modified except its tolerationSeconds")];
}

function validateRemovedGates({ schedulingGates = [] }: PodSpec, { schedulingGates: old = [] }: PodSpec): FieldError[] {
  const added = schedulingGates.find(({ name }) => !old.some((gate) => gate.name === name));
  if (added === undefined) return [];
  return [forbiddenValue(specPath.child("schedulingGates"), `only deletion is allowed, but found new scheduling gate '${added.name}'`)];
}

/** Writers of a pod's status may not say that it is placed elsewhere, or that ended containers of a pod that does not restart run. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((pod.spec.nodeName ?? "") !== (old.spec.nodeName ?? "")) {
    errors.push(forbiddenValue(fieldPath("status", "nodeName"), "may not be changed directly"));
  }
  const statuses = pod.status.containerStatuses ?? [];
  if (old.spec.restartPolicy !== "Never" || statuses.length === 0) return errors;
  for (const [index, { name, state }] of statuses.entries()) {
    const ended = old.status.containerStatuses?.find((status) => status.name === name)?.state.terminated !== undefined;
    if (ended && state.terminated === undefined) {
      const path = fieldPath("status", "containerStatuses").index(index).child("state");
      errors.push(forbiddenValue(path, "may not be transitioned to non-terminated state"));
    }
  }
  return errors;
}

/** The `ephemeralcontainers` subresource: containers may be added, and nothing else may change. */
export function validateEphemeralContainersUpdate({ spec }: Pod, { spec: old }: Pod): FieldError[] {
  const path = specPath.child("ephemeralContainers");
  const [containers, before] = [spec.ephemeralContainers ?? [], old.ephemeralContainers ?? []];
  const names = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  const errors = containers.flatMap((container, index) => validateEphemeralContainer(container, spec, names, index));
  errors.push(...checkDistinct(containers, ({ name }) => name, (index) => path.index(index).child("name")));
  for (const [index, container] of before.entries()) {
    const after = containers.find(({ name }) => name === container.name);
    if (after === undefined) {
      errors.push(forbiddenValue(path, `existing ephemeral containers ${JSON.stringify(container.name)} may not be removed\n`));
    }
    else if (!equal(after, container)) {
      errors.push(forbiddenValue(path, `existing ephemeral containers ${JSON.stringify(container.name)} may not be changed\n${index}`));
    }
  }
  return errors;
}

const notForEphemeral = [
  "ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resizePolicy", "restartPolicy",
] as const;

function validateEphemeralContainer(container: EphemeralContainer, spec: PodSpec, others: readonly string[], index: number): FieldError[] {
  const path = specPath.child("ephemeralContainers").index(index);
  const { targetContainerName = "" } = container;
  const plain = { ...container, resources: {}, terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" } as Container;
  return [
    ...validateContainer(plain, spec, path),
    ...(others.includes(container.name) ? [invalidValue(path.child("name"), container.name, "must not be the name of another container")] : []),
    ...(targetContainerName !== "" && !others.includes(targetContainerName)
      ? [notFoundValue(path.child("targetContainerName"), targetContainerName)] : []),
    ...notForEphemeral.filter((name) => container[name] !== undefined)
      .map((name) => forbiddenValue(path.child(name), "cannot be set for an Ephemeral Container")),
    ...(Object.keys(container.resources ?? {}).length > 0
      ? [forbiddenValue(path.child("resources"), "cannot be set for an Ephemeral Container")] : []),
  ];
}
