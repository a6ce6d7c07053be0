import type { CustomResourceSubresourceScale } from "#api/generated/apiextensions-v1.ts";
import { isJsonObject, type Json, type JsonObject, setField } from "#machinery/json.ts";
import type { KubeObject, ScaleMapping } from "#machinery/kind.ts";
import { internalError } from "#machinery/status-error.ts";

/** Reads and writes replicas where the definition says that they stand. */
export function scaleMapping(scale: CustomResourceSubresourceScale): ScaleMapping<KubeObject> {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return {
    replicas(object) {
      const replicas = numberAt(object, specReplicasPath);
      if (replicas === undefined) throw internalError(`the spec replicas field ${JSON.stringify(specReplicasPath)} does not exist`);
      return replicas;
    },
    withReplicas: (object, replicas) => withValue(object as unknown as JsonObject, stepsOf(specReplicasPath), replicas) as unknown as KubeObject,
    statusReplicas: (object) => numberAt(object, statusReplicasPath) ?? 0,
    selector(object) {
      const selector = labelSelectorPath ? valueAt(object, labelSelectorPath) : undefined;
      return typeof selector === "string" ? selector : "";
    },
  };
}

function numberAt(object: KubeObject, path: string): number | undefined {
  const value = valueAt(object, path);
  return typeof value === "number" ? value : undefined;
}

/** @param path of names alone, such as `.spec.replicas` */
export function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const step of stepsOf(path)) value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

function stepsOf(path: string): readonly string[] {
  return path.replace(/^\./, "").split(".");
}

function withValue(object: JsonObject, [first = "", ...rest]: readonly string[], value: Json): JsonObject {
  const copy = { ...object };
  const before = copy[first];
  setField(copy, first, rest.length === 0 ? value : withValue(isJsonObject(before) ? before : {}, rest, value));
  return copy;
}
