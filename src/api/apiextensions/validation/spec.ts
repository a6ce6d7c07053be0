import { equal } from "#machinery/equality.ts";
import { type FieldError, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1035LabelProblems, dns1123SubdomainProblems } from "#machinery/names.ts";
import type { CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from "../../generated/apiextensions-v1.ts";
import { validateColumns } from "./columns.ts";
import { validateConversion } from "./conversion.ts";
import { utf8Bytes } from "../../object-meta.ts";
import { validateNames } from "./names.ts";
import { validateSchema } from "./schema.ts";
import { validateSelectableFields } from "./selectable-fields.ts";
import { validateSubresources } from "./subresources.ts";

const path = fieldPath("spec");
const scopes = ["Cluster", "Namespaced"];

export function validateSpec(spec: CustomResourceDefinitionSpec, old: CustomResourceDefinitionSpec | undefined): readonly FieldError[] {
  return [
    ...validateGroup(spec.group),
    ...(scopes.includes(spec.scope) ? [] : [notSupportedValue(path.child("scope"), spec.scope, scopes)]),
    ...validateVersions(spec),
    ...validateNames(spec.names, path.child("names")),
    ...validateParts(spec, old),
    ...validateConversion(spec.conversion, path.child("conversion")),
  ];
}

function validateGroup(group: string): readonly FieldError[] {
  const problems = dns1123SubdomainProblems(group);
  if (problems.length > 0) return [invalidValue(path.child("group"), group, problems.join(","))];
  return group.includes(".") ? [] : [invalidValue(path.child("group"), group, "should be a domain with at least one dot")];
}

function validateVersions({ versions }: CustomResourceDefinitionSpec): readonly FieldError[] {
  const at = path.child("versions");
  const names = new Set(versions.map(({ name }) => name));
  const storages = versions.filter(({ storage }) => storage).length;
  return [
    ...versions.flatMap(({ schema }, index) =>
      (schema?.openAPIV3Schema ? [] : [requiredValue(at.index(index).child("schema", "openAPIV3Schema"), "schemas are required")])),
    ...versions.flatMap((version, index) => validateVersion(version, at.index(index))),
    ...(names.size < versions.length ? [invalidValue(at, versions, "must contain unique version names")] : []),
    ...(storages === 1 ? [] : [invalidValue(at, versions, "must have exactly one version marked as storage version")]),
  ];
}

function validateVersion({ name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion, at: FieldPath): readonly FieldError[] {
  const problems = dns1035LabelProblems(name);
  return [
    ...(problems.length > 0 ? [invalidValue(at.child("name"), name, problems.join(","))] : []),
    ...deprecationProblems(deprecated, deprecationWarning)
      .map((problem) => invalidValue(at.child("deprecationWarning"), deprecationWarning, problem)),
  ];
}

function deprecationProblems(deprecated: boolean | undefined, warning: string | undefined): readonly string[] {
  if (warning === undefined) return [];
  if (deprecated !== true) return ["can only be set for deprecated versions"];
  const unprintable = warning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u);
  return [
    ...(utf8Bytes(warning) > 256 ? ["must be <= 256 characters long"] : []),
    ...(warning === "" ? ["must not be an empty string"] : []),
    ...(unprintable === -1 ? [] : [`must only contain printable UTF-8 characters; non-printable character found at index ${unprintable}`]),
  ];
}

/** What versions say one by one; what all of them say alike stands, in upstream's words, at the definition as a whole. */
function validateParts(spec: CustomResourceDefinitionSpec, old: CustomResourceDefinitionSpec | undefined): readonly FieldError[] {
  const each = <Part>(
    part: (version: CustomResourceDefinitionVersion) => Part | undefined, shared: FieldPath, own: string,
    check: (part: Part, version: CustomResourceDefinitionVersion, at: FieldPath) => readonly FieldError[],
  ): readonly FieldError[] => {
    const [first, ...others] = spec.versions;
    const checkAt = (version: CustomResourceDefinitionVersion, at: FieldPath): readonly FieldError[] => {
      const found = part(version);
      return found === undefined ? [] : check(found, version, at);
    };
    if (first && others.every((version) => equal(part(version), part(first)))) return checkAt(first, shared);
    return spec.versions.flatMap((version, index) => checkAt(version, path.child("versions").index(index).child(own)));
  };
  const hasStatus = (version: CustomResourceDefinitionVersion): boolean => version.subresources?.status !== undefined;
  return [
    ...each(({ schema }) => schema, path.child("validation"), "schema", ({ openAPIV3Schema }, version, at) => {
      if (!openAPIV3Schema) return [];
      const before = old?.versions.find(({ name }) => name === version.name)?.schema?.openAPIV3Schema;
      return validateSchema({ schema: openAPIV3Schema, old: before, hasStatus: hasStatus(version), path: at.child("openAPIV3Schema") });
    }),
    ...each(({ subresources }) => subresources, path.child("subresources"), "subresources", (part, _version, at) => validateSubresources(part, at)),
    ...each(
      ({ additionalPrinterColumns }) => additionalPrinterColumns, path.child("additionalPrinterColumns"), "additionalPrinterColumns",
      (columns, _version, at) => validateColumns(columns, at),
    ),
    ...each(({ selectableFields }) => selectableFields, path.child("selectableFields"), "selectableFields", validateSelectableFields),
  ];
}
