import { equal } from "#machinery/equality.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { fillDefaults } from "#machinery/schema/decode-object.ts";
import type { Draft } from "#machinery/kind.ts";
import type { Conversion } from "../../storage/object-storage.ts";

/**
 * A version of a custom kind whose versions differ in their name alone (conversion strategy None), kept as one of them.
 *
 * What is read goes by the schema as it is now, which may have come after the object: fields that it does not know any more are left
 * out, and defaults that it has got are there.
 */
export function storedAs(kind: Kind, storageApiVersion: string): Conversion {
  return {
    toStored: (object) => inVersion(object, storageApiVersion),
    fromStored: (object) => bySchema(kind, inVersion(object, kind.apiVersion)),
  };
}

function inVersion(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** The object itself where it is as the schema has it. */
export function bySchema(kind: Kind, object: KubeObject): KubeObject {
  const decoded = decodeMessage(kind.schema, object).value as unknown as Draft<KubeObject>;
  fillDefaults(kind, decoded);
  return equal(decoded, object) ? object : decoded;
}
