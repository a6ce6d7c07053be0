import { type FieldError, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems, pathSegmentProblems } from "#machinery/names.ts";
import { checkOptionalName, invalid } from "../../field-checks.ts";

interface LocalReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** An object of any kind, by names that can stand in a path. */
export function validateLocalReference({ apiGroup, kind, name }: LocalReference, path: FieldPath): FieldError[] {
  return [
    ...checkOptionalName(apiGroup, path.child("apiGroup"), dns1123SubdomainProblems),
    ...(kind === "" ? [requiredValue(path.child("kind"), "kind is required")] : invalid(path.child("kind"), kind, pathSegmentProblems(kind))),
    ...(name === "" ? [requiredValue(path.child("name"), "name is required")] : invalid(path.child("name"), name, pathSegmentProblems(name))),
  ];
}
