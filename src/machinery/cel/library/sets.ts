import { declare, overload } from "../types/declarations.ts";
import { boolType, listOf, parameter } from "../types/type.ts";
import { contains } from "../values/compare.ts";
import type { CelList } from "../values/list.ts";
import type { Library } from "./library.ts";

const list = listOf(parameter("T"));

/** Lists as sets (cel-go, ext/sets). */
export const setsLibrary: Library = {
  functions: [
    declare("sets.contains", overload("list_sets_contains_list", [list, list], boolType, containsAll)),
    declare("sets.equivalent",
      overload("list_sets_equivalent_list", [list, list], boolType, (left: CelList, right: CelList) =>
        containsAll(left, right) && containsAll(right, left))),
    declare("sets.intersects", overload("list_sets_intersects_list", [list, list], boolType, intersects)),
  ],
};

function containsAll(list: CelList, others: CelList): boolean {
  for (const value of others) if (!contains(list, value)) return false;
  return true;
}

function intersects(left: CelList, right: CelList): boolean {
  for (const value of left) if (contains(right, value)) return true;
  return false;
}
