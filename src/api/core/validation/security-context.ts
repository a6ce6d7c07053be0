import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { rangeProblems } from "#machinery/names.ts";
import type { AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext } from "../../generated/core-v1.ts";
import { invalid } from "../../field-checks.ts";
import { localPathProblems } from "./local-paths.ts";

const maximumId = 2 ** 31 - 1;

export function validatePodSecurityContext(context: PodSecurityContext | undefined, hostNetwork: boolean, path: FieldPath): FieldError[] {
  if (context === undefined) return [];
  return [
    ...validateIds(context, ["fsGroup", "runAsUser", "runAsGroup"], path),
    ...(context.supplementalGroups ?? []).flatMap((id, index) => {
      return invalid(path.child("supplementalGroups").index(index), id, rangeProblems(id, 0, maximumId));
    }),
    ...validateSysctls(context, hostNetwork, path.child("sysctls")),
    ...validateSeccomp(context.seccompProfile, path.child("seccompProfile")),
    ...validateAppArmor(context.appArmorProfile, path.child("appArmorProfile")),
  ];
}

export function validateSecurityContext(context: SecurityContext | undefined, path: FieldPath): FieldError[] {
  if (context === undefined) return [];
  const errors = [
    ...validateIds(context, ["runAsUser", "runAsGroup"], path),
    ...validateSeccomp(context.seccompProfile, path.child("seccompProfile")),
    ...validateAppArmor(context.appArmorProfile, path.child("appArmorProfile")),
  ];
  if (context.allowPrivilegeEscalation !== false) return errors;
  if (context.privileged === true) {
    errors.push(invalidValue(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
  }
  if (context.capabilities?.add?.includes("CAP_SYS_ADMIN") === true) {
    errors.push(invalidValue(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"));
  }
  return errors;
}

type Ids = { readonly fsGroup?: number; readonly runAsUser?: number; readonly runAsGroup?: number };

function validateIds(context: Ids, names: readonly (keyof Ids)[], path: FieldPath): FieldError[] {
  return names.flatMap((name) => {
    const id = context[name];
    return id === undefined ? [] : invalid(path.child(name), id, rangeProblems(id, 0, maximumId));
  });
}

const sysctlPattern = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*$/;
const sysctlDetail = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

function validateSysctls({ sysctls = [] }: PodSecurityContext, hostNetwork: boolean, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return sysctls.flatMap(({ name }, index) => {
    const at = path.index(index).child("name");
    if (name === "") return [requiredValue(at)];
    if (name.length > 253 || !sysctlPattern.test(name)) return [invalidValue(at, name, sysctlDetail)];
    const dotted = name.replaceAll("/", ".");
    if (seen.has(dotted)) return [invalidValue(at, name, "must be unique")];
    seen.add(dotted);
    return hostNetwork && dotted.startsWith("net.") ? [invalidValue(at, name, "may not be specified when 'hostNetwork' is true")] : [];
  });
}

function validateSeccomp(profile: SeccompProfile | undefined, path: FieldPath): FieldError[] {
  return profile === undefined ? [] : validateLocalhostProfile(profile, "seccomp", path);
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: FieldPath): FieldError[] {
  return profile === undefined ? [] : validateLocalhostProfile(profile, "AppArmor", path);
}

function validateLocalhostProfile({ type, localhostProfile }: SeccompProfile, what: "seccomp" | "AppArmor", path: FieldPath): FieldError[] {
  const at = path.child("localhostProfile");
  if (type !== "Localhost") {
    const detail = what === "seccomp" ? "can only be set when seccomp type is Localhost" : "can only be set when AppArmor type is Localhost";
    return localhostProfile === undefined ? [] : [what === "seccomp" ? invalidValue(at, localhostProfile, detail) : forbiddenValue(at, detail)];
  }
  if (localhostProfile === undefined || localhostProfile === "") return [requiredValue(at, `must be set when ${what} type is Localhost`)];
  return what === "seccomp" ? invalid(at, localhostProfile, localPathProblems(localhostProfile)) : [];
}
