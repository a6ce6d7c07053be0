import { Format } from "../library/kubernetes/formats.ts";
import { Bytes } from "../values/bytes.ts";
import { CelList } from "../values/list.ts";
import { CelMap } from "../values/map.ts";
import { isInt } from "../values/numbers.ts";
import { CelObject } from "../values/object.ts";
import { codePointCount } from "../values/text.ts";
import { Opaque, Optional, type Value } from "../values/value.ts";
import { accessors, authorizationCost, listCost, patternFactor, selectorCost, textFactor } from "./factors.ts";

/** What a call costs: always the same, by its arguments, which is charged before the call is made, or by its result. */
export type RunTimeCost = number | CostByArguments | { readonly byResult: (result: Value) => number };
type CostByArguments = (values: readonly Value[]) => number;

/** What a call costs while an expression runs. @param overload empty when several were to choose from */
export function runTimeCost(name: string, overload: string): RunTimeCost {
  if (accessors.has(name) || overload === "cidr_ip") return 1;
  return byOverload.get(overload) ?? byName.get(name) ?? byStandardOverload.get(overload) ?? 1;
}

const sortableTypes = ["int", "uint", "double", "bool", "google.protobuf.Duration", "google.protobuf.Timestamp", "string", "bytes"];

/** Functions of the libraries of sets and lists. */
const byOverload: ReadonlyMap<string, RunTimeCost> = new Map([
  ...each(["list_sets_contains_list", "list_sets_intersects_list"], product(1)), ...each(["list_sets_equivalent_list"], product(2)),
  ...each(["list_slice", "lists_range", "list_reverse"], { byResult: (list) => 1 + listCost + sizeOf(list) }),
  ...each(["list_flatten", "list_flatten_int"], flattened),
  ...each(["list_distinct", ...sortableTypes.map((type) => `list_${type}_sort`)], comparisons(0)),
  ...each(sortableTypes.map((type) => `list_${type}_sortByAssociatedKeys`), comparisons(1)),
]);

/** Functions that Kubernetes charges by name, whatever the library that they come from. */
const byName: ReadonlyMap<string, RunTimeCost> = new Map([
  ...each(["check"], authorizationCost),
  ...each(["fieldSelector", "labelSelector"], (values) => selectorCost(sizeAt(values, 1))),
  ...each(["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"], (values) => wholeCost(values[0] ?? null)),
  ...each(["url", "lowerAscii", "upperAscii", "substring", "trim", "jsonpatch.escapeKey"], traversal(0)),
  ...each(["ip", "cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"], traversal(0)),
  ...each(["replace", "split", "ip.isCanonical"], traversal(0, 2)),
  ...each(["join"], { byResult: (text) => Math.ceil(sizeOf(text) * 2 * textFactor) }),
  ...each(["find", "findAll"], pattern),
  ...each(["containsIP"], (values) => prefixCost(values) + textCost(values[1])),
  ...each(["containsCIDR"], (values) => prefixCost(values) + Math.ceil(sizeAt(values, 0) * textFactor) + 1 + textCost(values[1])),
  ...each(["validate"], ([format, text = null]) =>
    Math.ceil((1 + sizeOf(text)) * textFactor) * Math.ceil((format instanceof Format ? format.patternLength : 0) * patternFactor)),
  ...each(["_==_"], (values) => (values[0] instanceof Opaque ? 1 : shorter(values))),
]);

const byStandardOverload: ReadonlyMap<string, RunTimeCost> = new Map([
  ...each(["starts_with_string", "ends_with_string", "string_to_bytes", "bytes_to_string", "strings_quote", "string_format"], traversal(0)),
  ...each(["in_list"], (values) => sizeAt(values, 1)),
  ...each(["less", "greater", "less_equals", "greater_equals"].flatMap((id) => [`${id}_string`, `${id}_bytes`]), shorter),
  ...each(["not_equals"], shorter),
  ...each(["add_string", "add_bytes"], (values) => Math.ceil((sizeAt(values, 0) + sizeAt(values, 1)) * textFactor)),
  ...each(["matches_string"], pattern),
  ...each(["contains_string"], (values) => Math.ceil(sizeAt(values, 0) * textFactor) * Math.ceil(sizeAt(values, 1) * textFactor)),
]);

function each(names: readonly string[], cost: RunTimeCost): [string, RunTimeCost][] {
  return names.map((name) => [name, cost]);
}

/** Of looking at every character. */
function traversal(position: number, times = 1): CostByArguments {
  return (values) => Math.ceil(sizeAt(values, position) * textFactor * times);
}

/** Comparing ends with the shorter of both. */
function shorter(values: readonly Value[]): number {
  return Math.ceil(Math.min(sizeAt(values, 0), sizeAt(values, 1)) * textFactor);
}

function pattern(values: readonly Value[]): number {
  return Math.ceil((1 + sizeAt(values, 0)) * textFactor) * Math.ceil(sizeAt(values, 1) * patternFactor);
}

/** Each of one list with each of another. */
function product(factor: number): CostByArguments {
  return (values) => 1 + Math.trunc(sizeAt(values, 0) * sizeAt(values, 1) * factor);
}

function flattened(values: readonly Value[]): number {
  const depth = values.length === 2 ? values[1] : 1;
  return 1 + listCost + Math.trunc(sizeAt(values, 0) * (isInt(depth) ? Number(depth) : 1));
}

/** Each with each. */
function comparisons(position: number): CostByArguments {
  return (values) => {
    const list = values[position];
    const size = sizeAt(values, position);
    const first = list instanceof CelList ? list.at(0) : undefined;
    const factor = typeof first === "string" || first instanceof Bytes ? 2 + textFactor : 2;
    return 1 + listCost + Math.trunc(size * size * factor);
  };
}

/** Of reading an address that is given as text. */
function textCost(value: Value | undefined): number {
  return typeof value === "string" ? Math.ceil(codePointCount(value) * textFactor) : 0;
}

function prefixCost(values: readonly Value[]): number {
  return Math.ceil(sizeAt(values, 0) * 2 * textFactor);
}

function sizeAt(values: readonly Value[], position: number): number {
  return sizeOf(values[position] ?? null);
}

/** What `size()` would be, and 1 for what has none. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return codePointCount(value);
  if (value instanceof CelList || value instanceof Bytes) return value.length;
  if (value instanceof CelMap || value instanceof CelObject || value instanceof Opaque) return value.size;
  return value instanceof Optional && value.value !== undefined ? sizeOf(value.value) : 1;
}

/** Of going through all that a value holds. */
function wholeCost(value: Value): number {
  if (typeof value === "string") return Math.trunc(new TextEncoder().encode(value).length * textFactor);
  if (value instanceof Bytes) return Math.trunc(value.length * textFactor);
  if (value instanceof CelList) return [...value].reduce((cost: number, element) => cost + wholeCost(element), 0);
  if (value instanceof CelMap) return [...value.entries()].reduce((cost: number, [key, element]) => cost + wholeCost(key) + wholeCost(element), 0);
  return 1;
}
