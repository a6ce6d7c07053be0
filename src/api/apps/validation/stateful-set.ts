import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems } from "#machinery/names.ts";
import type { RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec } from "../../generated/apps-v1.ts";
import type { PodTemplateSpec, Volume } from "../../generated/core-v1.ts";
import { validateClaimSpec } from "../../core/validation/storage.ts";
import { checkAtMostAll, checkCountOrPercent, checkNonNegative, checkOptionalName, isNothing } from "../../field-checks.ts";
import { validateLastingTemplate, validateSelector } from "./pod-template.ts";
import { checkCollisions, checkCounts, checkWithin } from "../../status-checks.ts";

const specPath = fieldPath("spec");

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { updateStrategy: { type, rollingUpdate } } = spec;
  const strategyPath = specPath.child("updateStrategy", "rollingUpdate");
  return [
    ...(type === "OnDelete" && rollingUpdate !== undefined
      ? [invalidValue(strategyPath, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")] : []),
    ...(type === "RollingUpdate" && rollingUpdate !== undefined ? validateRollingUpdate(rollingUpdate, strategyPath) : []),
    ...checkNonNegative(spec.replicas, specPath.child("replicas")),
    ...checkNonNegative(spec.minReadySeconds, specPath.child("minReadySeconds")),
    ...checkNonNegative(spec.ordinals?.start, specPath.child("ordinals.start")),
    ...checkNonNegative(spec.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
    ...validateSelector(spec.selector, "statefulset", specPath.child("selector")),
    ...validateLastingTemplate(withClaims(spec), spec.selector, "StatefulSet", specPath.child("template")),
  ];
}

/** Sets that are older than these rules may keep what they have. */
export function validateNewStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { serviceName, volumeClaimTemplates = [] } = spec;
  const claimsPath = specPath.child("volumeClaimTemplates");
  return [
    ...checkOptionalName(serviceName, specPath.child("serviceName"), dns1123LabelProblems),
    ...volumeClaimTemplates.flatMap((claim, index) => validateClaimSpec(claim.spec, claimsPath.index(index).child("spec"))),
  ];
}

const changeable = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy"] as const;
const onlyThese = `updates to statefulset spec for fields other than ${changeable.map((name) => `'${name}'`).join(", ")}`
  + " and 'minReadySeconds' are forbidden";

export function validateStatefulSetUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  return semanticallyEqual(fixedPart(spec), fixedPart(old)) ? [] : [forbiddenValue(specPath, onlyThese)];
}

function fixedPart(spec: StatefulSetSpec): object {
  const mayChange: ReadonlySet<string> = new Set([...changeable, "minReadySeconds"]);
  return Object.fromEntries(Object.entries(spec).filter(([name]) => !mayChange.has(name)));
}

/** The template as pods will have it: each claim template gives a volume of its name, in place of any other. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata.name ?? ""));
  const claims = [...names].map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...template.spec, volumes: [...others, ...claims] } };
}

function validateRollingUpdate({ partition, maxUnavailable }: RollingUpdateStatefulSetStrategy, path: FieldPath): FieldError[] {
  const at = path.child("maxUnavailable");
  return [
    ...checkNonNegative(partition, path.child("partition")),
    ...checkCountOrPercent(maxUnavailable, at),
    ...(isNothing(maxUnavailable) ? [invalidValue(at, maxUnavailable, "cannot be 0")] : []),
    ...checkAtMostAll(maxUnavailable, at),
  ];
}

export function validateStatefulSetStatus({ status }: StatefulSet, { status: old }: StatefulSet): FieldError[] {
  return [
    ...checkCounts(status, [
      "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount",
    ]),
    ...checkWithin(status, ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"], "replicas", "status.replicas"),
    ...checkWithin(status, ["availableReplicas"], "readyReplicas", "status.readyReplicas"),
    ...checkCollisions(status, old),
  ];
}
