import type { FieldError } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { CustomResourceSubresources } from "../../generated/apiextensions-v1.ts";
import { validatePathBelow } from "./simple-path.ts";

export function validateSubresources({ scale }: CustomResourceSubresources, path: FieldPath): readonly FieldError[] {
  if (!scale) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = "" } = scale;
  return [
    ...validatePathBelow(specReplicasPath, [".spec"], "should be a json path under .spec", path.child("scale.specReplicasPath")),
    ...validatePathBelow(statusReplicasPath, [".status"], "should be a json path under .status", path.child("scale.statusReplicasPath")),
    ...(labelSelectorPath === "" ? [] : validatePathBelow(
      labelSelectorPath, [".spec", ".status"], "should be a json path under either .spec or .status", path.child("scale.labelSelectorPath"),
    )),
  ];
}
