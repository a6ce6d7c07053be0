import { duplicateValue, type FieldError, invalidValue, notSupportedValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems } from "#machinery/names.ts";
import type { CSIDriver, TokenRequest } from "../../generated/storage-v1.ts";
import { checkUnchanged, invalid } from "../../field-checks.ts";

const specPath = fieldPath("spec");
const groupPolicies = ["File", "None", "ReadWriteOnceWithFSType"];
const modes = ["Ephemeral", "Persistent"];
const longestDriverName = 63;

/** The name of a CSI driver, in whichever field. */
export function validateDriverName(name: string, path: FieldPath): FieldError[] {
  if (name === "") return [requiredValue(path)];
  const problems = dns1123SubdomainProblems(name.toLowerCase());
  return [
    ...(name.length > longestDriverName ? [tooLong(path, longestDriverName)] : []),
    ...invalid(path, name, problems),
  ];
}

export function validateCsiDriver({ spec }: CSIDriver): FieldError[] {
  const { volumeLifecycleModes = [], fsGroupPolicy, tokenRequests = [], nodeAllocatableUpdatePeriodSeconds: period } = spec;
  return [
    ...validateModes(volumeLifecycleModes, specPath.child("volumeLifecycleModes")),
    ...(fsGroupPolicy === undefined || groupPolicies.includes(fsGroupPolicy)
      ? [] : [notSupportedValue(specPath.child("fsGroupPolicy"), fsGroupPolicy, groupPolicies)]),
    ...validateTokenRequests(tokenRequests, specPath.child("tokenRequests")),
    ...(period !== undefined && period < 10
      ? [invalidValue(specPath.child("nodeAllocatableUpdatePeriodSeconds"), period, "must be greater than or equal to 10 seconds")] : []),
  ];
}

function validateModes(given: readonly string[], path: FieldPath): FieldError[] {
  return given.filter((mode) => !modes.includes(mode)).map((mode) => notSupportedValue(path, mode, modes));
}

function validateTokenRequests(requests: readonly TokenRequest[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return requests.flatMap(({ audience, expirationSeconds }, index) => {
    const at = path.index(index);
    const errors = seen.has(audience) ? [duplicateValue(at.child("audience"), audience)] : [];
    seen.add(audience);
    const secondsPath = at.child("expirationSeconds");
    if (expirationSeconds !== undefined && expirationSeconds < 600) {
      errors.push(invalidValue(secondsPath, expirationSeconds, "may not specify a duration less than 10 minutes"));
    }
    if (expirationSeconds !== undefined && expirationSeconds > 2 ** 32) {
      errors.push(invalidValue(secondsPath, expirationSeconds, "may not specify a duration larger than 2^32 seconds"));
    }
    return errors;
  });
}

export function validateCsiDriverUpdate({ spec }: CSIDriver, { spec: old }: CSIDriver): FieldError[] {
  return (["attachRequired", "fsGroupPolicy", "volumeLifecycleModes"] as const)
    .flatMap((field) => checkUnchanged(spec[field], old[field], specPath.child(field)));
}
