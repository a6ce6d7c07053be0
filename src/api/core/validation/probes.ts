import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { httpHeaderNameProblems, portNameProblems, rangeProblems } from "#machinery/names.ts";
import type { Container, Lifecycle, LifecycleHandler, Probe, ProbeHandler } from "../../generated/core-v1.ts";
import { checkNonNegative, checkPresent, invalid } from "../../field-checks.ts";

/** The three probes of a container. */
export function validateProbes(container: Pick<Container, "livenessProbe" | "readinessProbe" | "startupProbe">, path: FieldPath): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  const readinessPath = path.child("readinessProbe");
  const graceOfReadiness = readinessProbe?.terminationGracePeriodSeconds;
  return [
    ...validateProbe(livenessProbe, path.child("livenessProbe"), true),
    ...validateProbe(readinessProbe, readinessPath, false),
    ...(graceOfReadiness === undefined
      ? [] : [invalidValue(readinessPath.child("terminationGracePeriodSeconds"), graceOfReadiness, "must not be set for readinessProbes")]),
    ...validateProbe(startupProbe, path.child("startupProbe"), true),
  ];
}

function validateProbe(probe: Probe | undefined, path: FieldPath, succeedsAtOnce: boolean): FieldError[] {
  if (probe === undefined) return [];
  const { terminationGracePeriodSeconds: grace } = probe;
  const counts = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const;
  return [
    ...validateHandler(probe, path),
    ...counts.flatMap((name) => checkNonNegative(probe[name], path.child(name))),
    ...(grace !== undefined && grace <= 0 ? [invalidValue(path.child("terminationGracePeriodSeconds"), grace, "must be greater than 0")] : []),
    ...(succeedsAtOnce && probe.successThreshold !== 1 ? [invalidValue(path.child("successThreshold"), probe.successThreshold, "must be 1")] : []),
  ];
}

type AnyHandler = ProbeHandler & LifecycleHandler;

function validateHandler(handler: AnyHandler, path: FieldPath): FieldError[] {
  const kinds = (["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const).filter((kind) => handler[kind] !== undefined);
  if (kinds.length === 0) return [requiredValue(path, "must specify a handler type")];
  const [first, ...others] = kinds;
  return [
    ...(first === undefined ? [] : validateOneHandler(handler, first, path.child(first))),
    ...others.map((kind) => forbiddenValue(path.child(kind), "may not specify more than 1 handler type")),
  ];
}

function validateOneHandler(handler: AnyHandler, kind: "exec" | "httpGet" | "tcpSocket" | "grpc" | "sleep", path: FieldPath): FieldError[] {
  switch (kind) {
    case "exec":
      return (handler.exec?.command ?? []).length === 0 ? [requiredValue(path.child("command"))] : [];
    case "httpGet":
      return [
        ...checkPresent(handler.httpGet?.path, path.child("path")),
        ...validatePort(handler.httpGet?.port ?? 0, path.child("port")),
        ...(handler.httpGet?.httpHeaders ?? []).flatMap(({ name }) => invalid(path.child("httpHeaders"), name, httpHeaderNameProblems(name))),
      ];
    case "tcpSocket":
      return validatePort(handler.tcpSocket?.port ?? 0, path.child("port"));
    case "grpc":
      return validatePort(handler.grpc?.port ?? 0, path.child("port"));
    default:
      return checkNonNegative(handler.sleep?.seconds, path.child("seconds"));
  }
}

/** A number, or the name of one of the container's ports. */
export function validatePort(port: number | string, path: FieldPath): FieldError[] {
  return invalid(path, port, typeof port === "number" ? rangeProblems(port, 1, 65_535) : portNameProblems(port));
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, path: FieldPath): FieldError[] {
  return [
    ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, path.child("postStart")) : []),
    ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, path.child("preStop")) : []),
  ];
}
