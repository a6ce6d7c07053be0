import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1035LabelProblems } from "#machinery/names.ts";
import type { CustomResourceDefinitionNames } from "../../generated/apiextensions-v1.ts";

/** Names that are given are DNS labels, kinds but for their capitals. */
export function validateNames(names: CustomResourceDefinitionNames, path: FieldPath): readonly FieldError[] {
  const { plural, singular, kind, listKind, shortNames = [], categories = [] } = names;
  return [
    ...label(plural, path.child("plural")), ...label(singular, path.child("singular")),
    ...kindName(kind, path.child("kind")), ...kindName(listKind, path.child("listKind")),
    ...shortNames.flatMap((name, index) => label(name, path.child("shortNames").index(index), true)),
    ...(kind && kind === listKind ? [invalidValue(path.child("listKind"), listKind, "kind and listKind may not be the same")] : []),
    ...categories.flatMap((name, index) => label(name, path.child("categories").index(index), true)),
  ];
}

function label(name: string | undefined, path: FieldPath, isNeeded = false): readonly FieldError[] {
  const problems = name || isNeeded ? dns1035LabelProblems(name ?? "") : [];
  return problems.length > 0 ? [invalidValue(path, name, problems.join(","))] : [];
}

function kindName(name: string | undefined, path: FieldPath): readonly FieldError[] {
  const problems = name ? dns1035LabelProblems(name.toLowerCase()) : [];
  return problems.length > 0 ? [invalidValue(path, name, `may have mixed case, but should otherwise match: ${problems.join(",")}`)] : [];
}
