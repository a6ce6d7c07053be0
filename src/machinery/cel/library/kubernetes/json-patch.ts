import { declare, overload } from "../../types/declarations.ts";
import { stringType } from "../../types/type.ts";
import type { Library } from "../library.ts";

/** What mutations by JSON patch need: keys as steps of a path (RFC 6901 §3). */
export const jsonPatchLibrary: Library = {
  functions: [declare("jsonpatch.escapeKey", overload("string_jsonpatch_escapeKey_string", [stringType], stringType, escapeKey))],
};

function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
