import { declare, type FunctionDeclaration, member, overload } from "../../types/declarations.ts";
import { boolType, bytesType, intType, listOf, mapOf, parameter, stringType } from "../../types/type.ts";
import type { Bytes } from "../../values/bytes.ts";
import type { CelList } from "../../values/list.ts";
import type { CelMap } from "../../values/map.ts";
import { codePointCount } from "../../values/text.ts";
import { regularExpression } from "../../regular-expressions/regular-expression.ts";

const listOfA = listOf(parameter("A"));
const mapOfAB = mapOf(parameter("A"), parameter("B"));
const length = (value: CelList | Bytes): number => value.length;
const entries = (map: CelMap): number => map.size;

/** Sizes, and what strings contain (CEL specification, "Standard definitions"). */
export const texts: readonly FunctionDeclaration[] = [
  declare("size",
    overload("size_bytes", [bytesType], intType, length), member("bytes_size", [bytesType], intType, length),
    overload("size_list", [listOfA], intType, length), member("list_size", [listOfA], intType, length),
    overload("size_map", [mapOfAB], intType, entries), member("map_size", [mapOfAB], intType, entries),
    overload("size_string", [stringType], intType, codePointCount), member("string_size", [stringType], intType, codePointCount)),
  declare("contains", member("contains_string", [stringType, stringType], boolType, (text: string, part: string) => text.includes(part))),
  declare("endsWith", member("ends_with_string", [stringType, stringType], boolType, (text: string, end: string) => text.endsWith(end))),
  declare("startsWith", member("starts_with_string", [stringType, stringType], boolType, (text: string, start: string) => text.startsWith(start))),
  declare("matches",
    overload("matches", [stringType, stringType], boolType, matches),
    member("matches_string", [stringType, stringType], boolType, matches)),
];

function matches(text: string, pattern: string): boolean {
  return regularExpression(pattern).test(text);
}
