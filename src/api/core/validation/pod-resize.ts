import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue } from "#machinery/field-errors.ts";
import { FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { Container, Pod, ResourceRequirements } from "../../generated/core-v1.ts";
import { qualityOfService } from "../pod-quality-of-service.ts";

const specPath = fieldPath("spec");
const lists = ["containers", "initContainers"] as const;

/** The `resize` subresource: what containers ask for and may have of cpu and memory may change, and nothing else (KEP-1287). */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) {
    return [forbiddenValue(FieldPath.root, "static pods cannot be resized")];
  }
  if (old.spec.os?.name === "windows") return [forbiddenValue(FieldPath.root, "windows pods cannot be resized")];
  const errors: FieldError[] = [];
  if (qualityOfService(pod.spec) !== (old.status.qosClass ?? qualityOfService(old.spec))) {
    errors.push(invalidValue(specPath, pod.status.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"));
  }
  if (!isSupported(old)) errors.push(forbiddenValue(specPath, "Pod running on node without support for resize"));
  const misplaced = lists.flatMap((name) => checkNames(pod.spec[name] ?? [], old.spec[name] ?? [], specPath.child(name)));
  if (misplaced.length > 0) return [...errors, ...misplaced];
  errors.push(...lists.flatMap((name) => checkContainers(pod.spec[name] ?? [], old.spec[name] ?? [], specPath.child(name))));
  if (!semanticallyEqual(withoutResizable(pod.spec), withoutResizable(old.spec))) {
    errors.push(forbiddenValue(specPath, "only cpu and memory resources are mutable"));
  }
  return errors;
}

/** A kubelet that can resize tells what its running containers have. */
function isSupported({ status }: Pod): boolean {
  return (status.containerStatuses ?? []).every(({ state, resources }) => state.running === undefined || resources !== undefined);
}

function checkNames(containers: readonly Container[], old: readonly Container[], path: FieldPath): FieldError[] {
  if (containers.length !== old.length) return [forbiddenValue(path, "containers may not be added or removed on resize")];
  return containers.flatMap(({ name }, index) =>
    name === old[index]?.name ? [] : [forbiddenValue(path.index(index).child("name"), "containers may not be renamed or reordered on resize")]);
}

function checkContainers(containers: readonly Container[], old: readonly Container[], path: FieldPath): FieldError[] {
  return containers.flatMap(({ resources, restartPolicy }, index) => {
    const place = path.index(index).child("resources");
    const before = old[index]?.resources ?? {};
    const isPlainInit = path.toString().endsWith("initContainers") && restartPolicy !== "Always";
    if (isPlainInit && semanticallyEqual(resources, before)) return [];
    if (isPlainInit) return [forbiddenValue(place, "resources for non-sidecar init containers are immutable")];
    return [...checkKept(resources, before, "limits", place), ...checkKept(resources, before, "requests", place)];
  });
}

function checkKept(resources: ResourceRequirements, old: ResourceRequirements, part: "limits" | "requests", path: FieldPath): FieldError[] {
  const removed = resizable.some((name) => old[part]?.[name] !== undefined && resources[part]?.[name] === undefined);
  return removed ? [forbiddenValue(path.child(part), `resource ${part} cannot be removed`)] : [];
}

const resizable = ["cpu", "memory"] as const;

function withoutResizable(spec: Pod["spec"]): Pod["spec"] {
  const stripped = (containers: readonly Container[]): Container[] => containers.map((container) => {
    const { limits, requests } = container.resources;
    return { ...container, resources: { ...container.resources, limits: others(limits), requests: others(requests) } };
  });
  return { ...spec, resources: undefined, containers: stripped(spec.containers), initContainers: stripped(spec.initContainers ?? []) };
}

function others(list: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(list).filter(([name]) => !resizable.some((other) => other === name)));
}
