import { duplicateValue, type FieldError, forbiddenValue, invalidValue, notFoundValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { ipProblems } from "#machinery/ip.ts";
import { dns1123LabelProblems, portNameProblems, rangeProblems } from "#machinery/names.ts";
import type { Container, ContainerPort, PodSpec, Volume, VolumeMount } from "../../generated/core-v1.ts";
import { checkDistinct, checkName, invalid, isEmpty } from "../../field-checks.ts";
import { isSidecar } from "../pod-status-text.ts";
import { validateEnvironment, validateEnvironmentSources } from "./environment.ts";
import { localPathProblems } from "./local-paths.ts";
import { validateLifecycle, validateProbes } from "./probes.ts";
import { validateResources } from "./resources.ts";
import { validateSecurityContext } from "./security-context.ts";

/** Containers and init containers of a pod, whose names may not meet. */
export function validateContainers(spec: PodSpec, path: FieldPath): FieldError[] {
  const { containers, initContainers = [] } = spec;
  const containersPath = path.child("containers");
  const initPath = path.child("initContainers");
  if (containers.length === 0) return [requiredValue(containersPath)];
  const errors = containers.flatMap((container, index) => validateContainer(container, spec, containersPath.index(index)));
  errors.push(...checkDistinct(containers, ({ name }) => name, (index) => containersPath.index(index).child("name")));
  errors.push(...initContainers.flatMap((container, index) => validateInitContainer(container, spec, initPath.index(index))));
  const taken = new Set(containers.map(({ name }) => name));
  for (const [index, { name }] of initContainers.entries()) {
    if (taken.has(name)) errors.push(duplicateValue(initPath.index(index).child("name"), name));
    taken.add(name);
  }
  return [...errors, ...validateHostPorts(containers, spec.hostNetwork === true, containersPath)];
}

function validateInitContainer(container: Container, spec: PodSpec, path: FieldPath): FieldError[] {
  const errors = validateContainer(container, spec, path);
  if (isSidecar(container)) return errors;
  if (container.restartPolicy !== undefined) errors.push(notSupportedValue(path.child("restartPolicy"), container.restartPolicy, ["Always"]));
  for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
    if (container[name] !== undefined) {
      errors.push(forbiddenValue(path.child(name), "may not be set for init containers without restartPolicy=Always"));
    }
  }
  return errors;
}

/** One container, of any sort; ephemeral ones have few of these fields. */
export function validateContainer(container: Container, { volumes = [] }: Pick<PodSpec, "volumes">, path: FieldPath): FieldError[] {
  return [
    ...checkName(container.name, path.child("name"), dns1123LabelProblems),
    ...validateImage(container.image, path.child("image")),
    ...validateLifecycle(container.lifecycle, path.child("lifecycle")),
    ...validateProbes(container, path),
    ...validatePorts(container.ports, path.child("ports")),
    ...validateEnvironment(container.env, path.child("env")),
    ...validateEnvironmentSources(container.envFrom, path.child("envFrom")),
    ...validateMounts(container, volumes, path.child("volumeMounts")),
    ...validateDevices(container, volumes, path.child("volumeDevices")),
    ...validateResources(container.resources, path.child("resources")),
    ...validateSecurityContext(container.securityContext, path.child("securityContext")),
  ];
}

export function validateImage(image: string | undefined, path: FieldPath): FieldError[] {
  if (image === undefined || image === "") return [requiredValue(path)];
  return image === image.trim() ? [] : [invalidValue(path, image, "must not have leading or trailing whitespace")];
}

function validatePorts(ports: readonly ContainerPort[] = [], path: FieldPath): FieldError[] {
  const errors = ports.flatMap(({ name = "", containerPort, hostPort = 0, hostIP = "" }, index) => {
    const at = path.index(index);
    return [
      ...(name === "" ? [] : invalid(at.child("name"), name, portNameProblems(name))),
      ...(containerPort === 0
        ? [requiredValue(at.child("containerPort"))] : invalid(at.child("containerPort"), containerPort, rangeProblems(containerPort, 1, 65_535))),
      ...(hostPort === 0 ? [] : invalid(at.child("hostPort"), hostPort, rangeProblems(hostPort, 1, 65_535))),
      ...(hostIP === "" ? [] : invalid(at.child("hostIP"), hostIP, ipProblems(hostIP))),
    ];
  });
  return [...errors, ...checkDistinct(ports, ({ name }) => name, (index) => path.index(index).child("name"))];
}

/** No two containers may take the same port of the node; in the node's own network ports are the node's. */
function validateHostPorts(containers: readonly Container[], hostNetwork: boolean, path: FieldPath): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports = [] }, containerIndex) => ports.flatMap(({ containerPort, hostPort = 0, hostIP = "", protocol }, index) => {
    const at = path.index(containerIndex).child("ports").index(index).child("hostPort");
    if (hostNetwork && hostPort !== 0 && hostPort !== containerPort) {
      return [invalidValue(at, hostPort, "must match `containerPort` when `hostNetwork` is true")];
    }
    if (hostPort === 0) return [];
    const key = `${protocol}/${hostIP}/${hostPort}`;
    if (taken.has(key)) return [duplicateValue(at, key)];
    taken.add(key);
    return [];
  }));
}

function validateMounts(
  { volumeMounts = [], volumeDevices = [], securityContext }: Container, volumes: readonly Volume[], path: FieldPath,
): FieldError[] {
  if (volumeMounts.length === 0) return [];
  const names = new Set(volumes.map(({ name }) => name));
  const devices = new Set(volumeDevices.map(({ name }) => name));
  const seen = new Set<string>();
  return volumeMounts.flatMap((mount, index) => {
    const at = path.index(index);
    const errors = validateMount(mount, securityContext?.privileged === true, at);
    if (isEmpty(mount.name)) errors.push(requiredValue(at.child("name")));
    else if (!names.has(mount.name)) errors.push(notFoundValue(at.child("name"), mount.name));
    if (devices.has(mount.name)) errors.push(invalidValue(at.child("name"), mount.name, "must not already exist in volumeDevices"));
    if (isEmpty(mount.mountPath)) errors.push(requiredValue(at.child("mountPath")));
    else if (seen.has(mount.mountPath)) errors.push(invalidValue(at.child("mountPath"), mount.mountPath, "must be unique"));
    seen.add(mount.mountPath);
    return errors;
  });
}

function validateMount(mount: VolumeMount, privileged: boolean, path: FieldPath): FieldError[] {
  const { subPath = "", subPathExpr = "", mountPropagation, readOnly, recursiveReadOnly } = mount;
  const errors = [
    ...(subPath === "" ? [] : invalid(path.child("subPath"), subPath, localPathProblems(subPath))),
    ...(subPathExpr === "" ? [] : invalid(path.child("subPathExpr"), subPathExpr, localPathProblems(subPathExpr))),
  ];
  if (subPath !== "" && subPathExpr !== "") {
    errors.push(invalidValue(path.child("subPathExpr"), subPathExpr, "subPathExpr and subPath are mutually exclusive"));
  }
  if (mountPropagation === "Bidirectional" && !privileged) {
    errors.push(forbiddenValue(path.child("mountPropagation"), "Bidirectional mount propagation is available only to privileged containers"));
  }
  if (recursiveReadOnly !== undefined && recursiveReadOnly !== "Disabled" && readOnly !== true) {
    errors.push(forbiddenValue(path.child("recursiveReadOnly"), "may only be specified when readOnly is true"));
  }
  return errors;
}

function validateDevices({ volumeDevices = [] }: Container, volumes: readonly Volume[], path: FieldPath): FieldError[] {
  if (volumeDevices.length === 0) return [];
  const names = new Set(volumes.map(({ name }) => name));
  return volumeDevices.flatMap(({ name, devicePath }, index) => [
    ...(isEmpty(name)
      ? [requiredValue(path.index(index).child("name"))] : names.has(name) ? [] : [notFoundValue(path.index(index).child("name"), name)]),
    ...(isEmpty(devicePath)
      ? [requiredValue(path.index(index).child("devicePath"))] : invalid(path.index(index).child("devicePath"), devicePath, localDevice(devicePath))),
  ]);
}

function localDevice(path: string): readonly string[] {
  return path.split("/").includes("..") ? ["must not contain '..'"] : [];
}
