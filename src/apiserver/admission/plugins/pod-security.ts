import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import type { PodTemplateSpec } from "#api/generated/core-v1.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { invalid } from "#machinery/status-error.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isOfKind, objectOf, refuse, writes } from "../of-kind.ts";
import { baselineChecks } from "./pod-security/baseline.ts";
import { restrictedChecks } from "./pod-security/restricted.ts";
import type { Check, CheckedPod } from "./pod-security/violations.ts";

type Mode = "enforce" | "audit" | "warn";
type Level = "privileged" | "baseline" | "restricted";

const prefix = "pod-security.kubernetes.io/";
const modes: readonly Mode[] = ["enforce", "audit", "warn"];
const levels: readonly Level[] = ["privileged", "baseline", "restricted"];

const overridden = new Set(restrictedChecks.flatMap(({ overrides = [] }) => overrides));
const checks: { readonly [level in Level]: readonly Check[] } = {
  privileged: [],
  baseline: baselineChecks,
  restricted: [...baselineChecks.filter(({ id }) => !overridden.has(id)), ...restrictedChecks].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
};

/**
 * Pod Security Standards (KEP-2579), as a namespace's labels ask for them: `enforce` refuses pods, `warn` tells the client, of pods
 * and of what makes pods. Always the newest version of the standards, whatever version a label names.
 */
export class PodSecurity implements AdmissionPlugin {
  readonly name = "PodSecurity";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    if (request.operation !== "CREATE" && request.operation !== "UPDATE") return false;
    if (isOfKind(request, Pod)) return request.subresource === undefined || request.subresource === "ephemeralcontainers";
    return writes(request, Namespace, "CREATE", "UPDATE") || (request.subresource === undefined && templateOf(request.object) !== undefined);
  }

  validate(request: AdmissionRequest): void {
    if (isOfKind(request, Namespace)) return checkLabels(objectOf(request, Namespace));
    const labels = this.#objects.get(Namespace, "", request.namespace)?.metadata.labels ?? {};
    const enforced = levelOf(labels, "enforce");
    if (isOfKind(request, Pod)) {
      const violations = this.#added(request, enforced.level);
      if (violations.length > 0) throw refuse(request, `violates PodSecurity "${enforced.name}": ${violations.join(", ")}`);
    }
    const warned = levelOf(labels, "warn");
    const violations = this.#added(request, warned.level);
    if (violations.length > 0) request.warn(`would violate PodSecurity "${warned.name}": ${violations.join(", ")}`);
  }

  /** An update is judged by what it adds, so that what is there can still be labelled and finished. */
  #added({ object, oldObject }: AdmissionRequest, level: Level): readonly string[] {
    const before = new Set(oldObject ? violations(oldObject, level) : []);
    return object ? violations(object, level).filter((violation) => !before.has(violation)) : [];
  }
}

function violations(object: KubeObject, level: Level): readonly string[] {
  const pod = checkedPodOf(object);
  return pod ? checks[level].map((check) => check.violation(pod)).filter((violation) => violation !== undefined) : [];
}

function checkedPodOf(object: KubeObject): CheckedPod | undefined {
  const { metadata, spec } = object.kind === "Pod" ? (object as Pod) : (templateOf(object) ?? {});
  return spec && { annotations: metadata?.annotations ?? {}, spec };
}

interface Templated {
  readonly template?: unknown;
}

/** Deployments and their like have `spec.template`, CronJobs `spec.jobTemplate.spec.template`. */
function templateOf(object: KubeObject | undefined): Partial<PodTemplateSpec> | undefined {
  const { spec } = (object ?? {}) as { readonly spec?: Templated & { readonly jobTemplate?: { readonly spec?: Templated } } };
  const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
  const isTemplate = typeof template === "object" && template !== null && Array.isArray((template as PodTemplateSpec).spec?.containers);
  return isTemplate ? (template as PodTemplateSpec) : undefined;
}

function levelOf(labels: { readonly [label: string]: string }, mode: Mode): { readonly level: Level; readonly name: string } {
  const level = levels.find((each) => each === labels[`${prefix}${mode}`]) ?? "privileged";
  return { level, name: `${level}:${labels[`${prefix}${mode}-version`] ?? "latest"}` };
}

function checkLabels({ metadata }: Namespace): void {
  const causes = modes.flatMap((mode) => {
    const value = metadata.labels?.[`${prefix}${mode}`];
    if (value === undefined || levels.some((level) => level === value)) return [];
    const message = `Invalid value: ${JSON.stringify(value)}: must be one of ${levels.join(", ")}`;
    return [{ field: `metadata.labels[${prefix}${mode}]`, reason: "FieldValueInvalid", message }];
  });
  if (causes.length > 0) throw invalid({ group: "", resource: "Namespace" }, metadata.name, causes);
}
