import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems } from "#machinery/names.ts";
import { quantitySign } from "#machinery/quantity.ts";
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from "../../generated/core-v1.ts";
import { checkDistinct, checkName, checkPresent, invalid } from "../../field-checks.ts";
import { validateFieldReference, validateResourceReference, volumeFields } from "./environment.ts";
import { unreservedPathProblems } from "./local-paths.ts";

export function validateVolumes(volumes: readonly Volume[] = [], path: FieldPath): FieldError[] {
  return [
    ...volumes.flatMap((volume, index) => [
      ...checkName(volume.name, path.index(index).child("name"), dns1123LabelProblems),
      ...validateSource(volume, path.index(index)),
    ]),
    ...checkDistinct(volumes, ({ name }) => name, (index) => path.index(index).child("name")),
  ];
}

function validateSource(volume: Volume, path: FieldPath): FieldError[] {
  const [first, ...others] = Object.keys(volume).filter((name) => name !== "name" && volume[name as keyof Volume] !== undefined);
  if (first === undefined) return [requiredValue(path, "must specify a volume type")];
  return [
    ...(sourceChecks[first]?.(volume, path.child(first)) ?? []),
    ...others.map((name) => forbiddenValue(path.child(name), "may not specify more than 1 volume type")),
  ];
}

const hostPathTypes = ["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"];

const sourceChecks: { readonly [source: string]: (volume: Volume, path: FieldPath) => FieldError[] } = {
  emptyDir: ({ emptyDir }, path) => {
    const limit = emptyDir?.sizeLimit;
    return limit !== undefined && quantitySign(limit) < 0
      ? [forbiddenValue(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")] : [];
  },
  hostPath: ({ hostPath }, path) => [
    ...checkPresent(hostPath?.path, path.child("path")),
    ...(hostPath?.path.split("/").includes("..") ? [invalidValue(path.child("path"), hostPath.path, "must not contain '..'")] : []),
    ...(hostPath !== undefined && !hostPathTypes.includes(hostPath.type)
      ? [notSupportedValue(path.child("type"), hostPath.type, hostPathTypes.toSorted())] : []),
  ],
  secret: ({ secret }, path) => [
    ...checkPresent(secret?.secretName, path.child("secretName")),
    ...validateMode(secret?.defaultMode, path.child("defaultMode")),
    ...validateItems(secret?.items, path.child("items")),
  ],
  configMap: ({ configMap }, path) => [
    ...checkPresent(configMap?.name, path.child("name")),
    ...validateMode(configMap?.defaultMode, path.child("defaultMode")),
    ...validateItems(configMap?.items, path.child("items")),
  ],
  downwardAPI: ({ downwardAPI }, path) => [
    ...validateMode(downwardAPI?.defaultMode, path.child("defaultMode")),
    ...(downwardAPI?.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
  ],
  projected: ({ projected }, path) => (projected === undefined ? [] : validateProjected(projected, path)),
  persistentVolumeClaim: ({ persistentVolumeClaim }, path) => checkPresent(persistentVolumeClaim?.claimName, path.child("claimName")),
  nfs: ({ nfs }, path) => [
    ...checkPresent(nfs?.server, path.child("server")),
    ...checkPresent(nfs?.path, path.child("path")),
    ...(nfs !== undefined && nfs.path !== "" && !nfs.path.startsWith("/")
      ? [invalidValue(path.child("path"), nfs.path, "must be an absolute path")] : []),
  ],
  csi: ({ csi }, path) => [
    ...checkName(csi?.driver, path.child("driver"), (driver) => dns1123SubdomainProblems(driver.toLowerCase())),
    ...(csi?.nodePublishSecretRef ? checkPresent(csi.nodePublishSecretRef.name, path.child("nodePublishSecretRef", "name")) : []),
  ],
  ephemeral: ({ ephemeral }, path) => (ephemeral?.volumeClaimTemplate === undefined ? [requiredValue(path.child("volumeClaimTemplate"))] : []),
  image: ({ image }, path) => checkPresent(image?.reference, path.child("reference")),
};

function validateMode(mode: number | undefined, path: FieldPath): FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= 0o777)
    ? [] : [invalidValue(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

function validateItems(items: readonly KeyToPath[] = [], path: FieldPath): FieldError[] {
  return items.flatMap((item, index) => [
    ...checkPresent(item.key, path.index(index).child("key")),
    ...validateFilePath(item.path, path.index(index).child("path")),
    ...validateMode(item.mode, path.index(index).child("mode")),
  ]);
}

function validateFilePath(file: string, path: FieldPath): FieldError[] {
  return checkName(file, path, unreservedPathProblems);
}

function validateDownwardFile(file: DownwardAPIVolumeFile, path: FieldPath): FieldError[] {
  const { fieldRef, resourceFieldRef } = file;
  const errors = validateFilePath(file.path, path.child("path"));
  if (fieldRef) {
    errors.push(...validateFieldReference(fieldRef, volumeFields, path.child("fieldRef")));
    if (resourceFieldRef) errors.push(invalidValue(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  } else if (resourceFieldRef) {
    errors.push(...validateResourceReference(resourceFieldRef, path.child("resourceFieldRef"), true));
  } else {
    errors.push(requiredValue(path, "one of fieldRef and resourceFieldRef is required"));
  }
  return [...errors, ...validateMode(file.mode, path.child("mode"))];
}

function validateProjected({ sources = [], defaultMode }: ProjectedVolumeSource, path: FieldPath): FieldError[] {
  const files = new Set<string>();
  const errors = sources.flatMap((source, index) => {
    const at = path.child("sources").index(index);
    const kinds = Object.keys(source);
    const [first, ...others] = kinds;
    if (first === undefined) return [requiredValue(at, "must specify a projected volume type")];
    return [
      ...validateProjection(source, at),
      ...others.map((name) => forbiddenValue(at.child(name), "may not specify more than 1 volume type per source")),
      ...filesOf(source).flatMap((file) => {
        if (!files.has(file)) {
          files.add(file);
          return [];
        }
        return [invalidValue(path, file, "conflicting duplicate paths")];
      }),
    ];
  });
  return [...validateMode(defaultMode, path.child("defaultMode")), ...errors];
}

function filesOf({ secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle }: VolumeProjection): string[] {
  const items = [...(secret?.items ?? []), ...(configMap?.items ?? []), ...(downwardAPI?.items ?? [])];
  return [...items, serviceAccountToken, clusterTrustBundle].flatMap((item) => (item === undefined ? [] : [item.path]));
}

function validateProjection(
  { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle }: VolumeProjection, path: FieldPath,
): FieldError[] {
  const tokenPath = path.child("serviceAccountToken");
  const seconds = serviceAccountToken?.expirationSeconds;
  return [
    ...(secret ? [...checkPresent(secret.name, path.child("secret", "name")), ...validateItems(secret.items, path.child("secret", "items"))] : []),
    ...(configMap
      ? [...checkPresent(configMap.name, path.child("configMap", "name")), ...validateItems(configMap.items, path.child("configMap", "items"))] : []),
    ...(downwardAPI?.items ?? []).flatMap((file) => validateDownwardFile(file, path.child("downwardAPI"))),
    ...(serviceAccountToken ? validateFilePath(serviceAccountToken.path, tokenPath.child("path")) : []),
    ...(seconds === undefined ? [] : invalid(tokenPath.child("expirationSeconds"), seconds, tokenLifeProblems(seconds))),
    ...(clusterTrustBundle ? validateFilePath(clusterTrustBundle.path, path.child("clusterTrustBundle", "path")) : []),
  ];
}

/** Also for TokenRequest. */
export function tokenLifeProblems(seconds: number): readonly string[] {
  if (seconds < 600) return ["may not specify a duration less than 10 minutes"];
  return seconds > 2 ** 32 ? ["may not specify a duration larger than 2^32 seconds"] : [];
}
