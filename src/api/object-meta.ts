import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems, labelValueProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type { ObjectMeta } from "./generated/meta-v1.ts";

/** What names of a kind look like; see `KindDeclaration.validateName`. */
export type NameRule = (name: string, generatingPrefix: boolean) => readonly string[];

/** Annotations of one object may take so many bytes, keys and values together. */
const maximumAnnotationBytes = 256 * 1024;

/** The wording of every refusal to change a field. */
export const immutableDetail = "field is immutable";

const metadataPath = fieldPath("metadata");
const paths = {
  namespace: metadataPath.child("namespace"), labels: metadataPath.child("labels"), annotations: metadataPath.child("annotations"),
  ownerReferences: metadataPath.child("ownerReferences"), finalizers: metadataPath.child("finalizers"),
  managedFields: metadataPath.child("managedFields"),
};
const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** The rule of most kinds: an RFC 1123 subdomain. A prefix for generated names may end in a dash. */
export const subdomainName: NameRule = (name, generatingPrefix) => dns1123SubdomainProblems(generatingPrefix ? withoutDash(name) : name);

/** An RFC 1123 label, as namespaces and pods' host names have. */
export const labelName: NameRule = (name, generatingPrefix) => dns1123LabelProblems(generatingPrefix ? withoutDash(name) : name);

/** What follows a trailing dash is random, so it is checked with a letter in its place. */
export function withoutDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -2)}a` : prefix;
}

interface MetadataRules {
  readonly namespaced: boolean;
  readonly validateName: NameRule;
}

/** What is wrong with an object's metadata, whether it is created or updated. */
export function validateMetadata(metadata: ObjectMeta, rules: MetadataRules): readonly FieldError[] {
  return [
    ...validateNames(metadata, rules.validateName),
    ...validateNamespace(metadata.namespace, rules.namespaced),
    ...((metadata.generation ?? 0) < 0
      ? [invalidValue(metadataPath.child("generation"), metadata.generation, "must be greater than or equal to 0")]
      : []),
    ...validateLabels(metadata.labels, paths.labels),
    ...validateAnnotations(metadata.annotations, paths.annotations),
    ...validateOwnerReferences(metadata, paths.ownerReferences),
    ...validateFinalizers(metadata.finalizers, paths.finalizers),
    ...validateManagedFields(metadata, paths.managedFields),
  ];
}

function validateNames({ name, generateName }: ObjectMeta, validateName: NameRule): FieldError[] {
  const prefix = generateName === undefined || generateName === "" ? [] : validateName(generateName, true);
  const errors = prefix.map((problem) => invalidValue(metadataPath.child("generateName"), generateName, problem));
  if (name === undefined || name === "") return [...errors, requiredValue(metadataPath.child("name"), "name or generateName is required")];
  return [...errors, ...validateName(name, false).map((problem) => invalidValue(metadataPath.child("name"), name, problem))];
}

function validateNamespace(namespace: string | undefined, namespaced: boolean): FieldError[] {
  const path = paths.namespace;
  const given = namespace !== undefined && namespace !== "";
  if (!namespaced) return given ? [forbiddenValue(path, "not allowed on this type")] : [];
  if (!given) return [requiredValue(path)];
  return dns1123LabelProblems(namespace).map((problem) => invalidValue(path, namespace, problem));
}

export function validateLabels(labels: { readonly [key: string]: string } | undefined, path: FieldPath): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalidValue(path, key, problem)),
    ...labelValueProblems(value).map((problem) => invalidValue(path, value, problem)),
  ]);
}

export function validateAnnotations(annotations: { readonly [key: string]: string } | undefined, path: FieldPath): FieldError[] {
  if (annotations === undefined) return [];
  const entries = Object.entries(annotations);
  const errors = entries.flatMap(([key]) => qualifiedNameProblems(key.toLowerCase()).map((problem) => invalidValue(path, key, problem)));
  const bytes = entries.reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(value), 0);
  return bytes > maximumAnnotationBytes ? [...errors, tooLong(path, maximumAnnotationBytes)] : errors;
}

/** Length in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function validateOwnerReferences({ ownerReferences = [] }: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const isEmpty = (value: string | undefined): boolean => value === undefined || value === "";
  let controller: string | undefined;
  for (const owner of ownerReferences) {
    const { apiVersion, kind, name, uid } = owner;
    if (isEmpty(apiVersion) || apiVersion.endsWith("/")) {
      errors.push(invalidValue(path.child("apiVersion"), apiVersion ?? "", "version must not be empty"));
    }
    for (const field of ["kind", "name", "uid"] as const) {
      if (isEmpty(owner[field])) errors.push(invalidValue(path.child(field), owner[field] ?? "", "must not be empty"));
    }
    if (kind === "Event" && apiVersion === "v1") errors.push(invalidValue(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
    if (owner.controller !== true) continue;
    const text = `${kind} ${name} ${uid}`;
    if (controller !== undefined) {
      const both = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${text}`;
      errors.push(invalidValue(path, ownerReferences, both));
    }
    controller ??= text;
  }
  return errors;
}

/** A finalizer is one of the standard ones, or carries a domain. */
export function validateFinalizers(finalizers: readonly string[] = [], path: FieldPath): FieldError[] {
  const errors = finalizers.flatMap((finalizer) => {
    const problems = qualifiedNameProblems(finalizer).map((problem) => invalidValue(path, finalizer, problem));
    if (finalizer.includes("/") || standardFinalizers.has(finalizer) || problems.length > 0) return problems;
    return [invalidValue(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified")];
  });
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalidValue(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  return errors;
}

function validateManagedFields({ managedFields = [] }: ObjectMeta, path: FieldPath): FieldError[] {
  return managedFields.flatMap(({ operation, fieldsType, manager = "" }, index) => [
    ...(operation === "Apply" || operation === "Update"
      ? [] : [invalidValue(path.index(index).child("operation"), operation ?? "", "must be `Apply` or `Update`")]),
    ...(fieldsType === undefined || fieldsType === "FieldsV1"
      ? [] : [invalidValue(path.index(index).child("fieldsType"), fieldsType, "must be `FieldsV1`")]),
    ...(utf8Bytes(manager) > 128 ? [tooLong(path.index(index).child("manager"), 128)] : []),
  ]);
}

/** What may not change, and that no finalizer comes to an object that is being deleted. */
export function validateMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (semanticallyEqual(metadata[field], old[field])) continue;
    errors.push(invalidValue(metadataPath.child(field), metadata[field] ?? null, immutableDetail));
  }
  if ((metadata.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalidValue(metadataPath.child("generation"), metadata.generation ?? 0, "must not be decremented"));
  }
  if (old.deletionTimestamp !== undefined) errors.push(...validateNoNewFinalizers(metadata.finalizers, old.finalizers));
  return errors;
}

function validateNoNewFinalizers(finalizers: readonly string[] = [], old: readonly string[] = []): FieldError[] {
  const added = finalizers.filter((finalizer) => !old.includes(finalizer)).toSorted();
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(", ")}}`;
  return [forbiddenValue(
    metadataPath.child("finalizers"), `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
  )];
}
