import type { Expression } from "../syntax/expression.ts";
import type { Type } from "../types/type.ts";
import { isInt } from "../values/numbers.ts";
import { accessors, authorizationCost, listCost, patternFactor, selectorCost, textFactor } from "./factors.ts";
import { add, exactly, largest, multiply, nothing, type Range, scale, unknown } from "./range.ts";

/** What an estimate knows of the target or an argument of a call. */
export interface Operand {
  readonly type: Type;
  readonly node: Expression;
  readonly size: Range | undefined;
  /** Type and size of the elements, if it is a list. */
  readonly elements: { readonly type: Type; readonly size: Range | undefined } | undefined;
}

/** What a call is going to cost beyond its arguments, and how large its result will be where that can be told. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range;
}

/** What is known of the elements of a list or a map that an expression makes. */
export interface ElementSizes {
  readonly of: "list" | "map";
  readonly key: Range;
  readonly value: Range;
}

type Estimator = (target: Operand | undefined, parts: readonly Operand[], overload: string) => CallEstimate | undefined;

/** Estimates a call of a library's function; `undefined` leaves it to the standard. */
export function estimateLibraryCall(
  name: string, overload: string, target: Operand | undefined, parts: readonly Operand[],
): CallEstimate | undefined {
  if (accessors.has(name)) return { cost: exactly(1) };
  return (byOverload.get(overload.replace(/^list_[\w.]+_(?=sort)/, "list_")) ?? byName.get(name))?.(target, parts, overload);
}

const sizeOf = (operand: Operand | undefined): Range => operand?.size ?? unknown;
const traversal = (operand: Operand | undefined, times = 1): Range => scale(sizeOf(operand), textFactor * times);
const newList = (size: Range, factor = 1): CallEstimate => ({ cost: add(scale(size, factor), exactly(1 + listCost)), size });
const product = (left: Operand | undefined, right: Operand | undefined, factor: number): CallEstimate => ({
  cost: add(scale(multiply(sizeOf(left), sizeOf(right)), factor), exactly(1)),
});
const ofFirst: Estimator = (_target, [text]) => ({ cost: traversal(text) });
const likeTarget: Estimator = (target) => (target === undefined ? undefined : { cost: traversal(target), size: sizeOf(target) });

const byOverload: ReadonlyMap<string, Estimator> = new Map<string, Estimator>([
  ["list_sets_contains_list", (_target, [left, right]) => product(left, right, 1)],
  ["list_sets_intersects_list", (_target, [left, right]) => product(left, right, 1)],
  ["list_sets_equivalent_list", (_target, [left, right]) => product(left, right, 2)],
  ["list_slice", (target, [start, end]) => newList(exactly(Math.max(0, literalInt(end, sizeOf(target).maximum) - literalInt(start, 0))))],
  ["lists_range", (_target, [count]) => newList(exactly(literalInt(count, largest)))],
  ["list_reverse", (target) => newList(sizeOf(target))],
  ["list_flatten", (target) => newList(sizeOf(target))],
  ["list_flatten_int", (target, [depth]) => newList(sizeOf(target), literalInt(depth, largest))],
  ["list_distinct", (target) => newList(multiply(sizeOf(target), sizeOf(target)), 2)],
  ["list_sort", (target, _parts, overload) => sorted(target, overload)],
  ["list_sortByAssociatedKeys", (_target, [keys], overload) => sorted(keys, overload)],
]);

const byName: ReadonlyMap<string, Estimator> = new Map<string, Estimator>([
  ["check", () => ({ cost: exactly(authorizationCost) })],
  ...["fieldSelector", "labelSelector"].map((name): [string, Estimator] => [name, (_target, [selector]) => ({
    cost: { minimum: selectorCost(sizeOf(selector).minimum), maximum: Math.min(largest, selectorCost(sizeOf(selector).maximum)) },
  })]),
  ...["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"].map((name): [string, Estimator] => [name, throughAll]),
  ["url", (_target, [text]) => ({ cost: traversal(text), size: sizeOf(text) })],
  ["jsonpatch.escapeKey", (_target, [text]) => ({ cost: traversal(text), size: sizeOf(text) })],
  ...["lowerAscii", "upperAscii", "substring", "trim"].map((name): [string, Estimator] => [name, likeTarget]),
  ["replace", (target, [old, next]) => ({ cost: traversal(target, 2), size: replacedSize(sizeOf(target), sizeOf(old), sizeOf(next)) })],
  ["split", (target, [, limit]) => ({ cost: traversal(target, 2), size: { minimum: 0, maximum: literalInt(limit, sizeOf(target).maximum) } })],
  ["join", joined],
  ...["find", "findAll"].map((name): [string, Estimator] => [name, (target, [pattern]) => ({
    cost: patternCost(sizeOf(target), sizeOf(pattern)), size: { minimum: 0, maximum: sizeOf(target).maximum },
  })]),
  ...["cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"].map((name): [string, Estimator] => [name, ofFirst]),
  ["ip", (target, parts, overload) => (overload === "cidr_ip" ? { cost: exactly(1) } : ofFirst(target, parts, overload))],
  ["ip.isCanonical", (_target, [text]) => ({ cost: traversal(text, 2) })],
  ["containsIP", (_target, [text], overload) => ({ cost: add(prefixCost, overload === "cidr_contains_ip_string" ? traversal(text) : nothing) })],
  ["containsCIDR", (_target, [text], overload) => ({
    cost: add(prefixCost, scale(addressBytes, textFactor), exactly(1), overload === "cidr_contains_cidr_string" ? traversal(text) : nothing),
  })],
  ["validate", (_target, [text]) => ({ cost: scale(traversal(text), longestFormatPattern * patternFactor) })],
  ["_==_", (_target, [left, right]) => equality(left, right)],
]);

const addressBytes: Range = { minimum: 4, maximum: 16 };
const prefixCost = scale(add(addressBytes, addressBytes), textFactor);
const longestFormatPattern = 128;

/** The text is taken for one character longer, so that an empty one costs something. */
export function patternCost(text: Range, pattern: Range): Range {
  return multiply(scale(add(text, exactly(1)), textFactor), scale(pattern, patternFactor));
}

/** Each with each. */
function sorted(keys: Operand | undefined, overload: string): CallEstimate {
  return newList(multiply(sizeOf(keys), sizeOf(keys)), /^list_(string|bytes)_/.test(overload) ? 2 + textFactor : 2);
}

function throughAll(target: Operand | undefined): CallEstimate | undefined {
  if (target === undefined) return undefined;
  if (target.elements === undefined) return { cost: traversal(target) };
  const { type, size = unknown } = target.elements;
  const perElement = type.is === "string" || type.is === "bytes" ? add(exactly(1), scale(size, textFactor)) : exactly(1);
  return { cost: multiply(sizeOf(target), perElement) };
}

/** Between replacing the longest by the shortest as often as can be, and the shortest by the longest. */
function replacedSize(text: Range, old: Range, next: Range): Range {
  const least = replacements(text.minimum, old.maximum, old.maximum <= next.minimum);
  const most = replacements(text.maximum, old.minimum, next.maximum <= old.minimum);
  const counts = { minimum: least.count, maximum: most.count };
  return add(multiply(counts, next), { minimum: least.kept, maximum: most.kept });
}

function replacements(length: number, part: number, keepsLength: boolean): { readonly count: number; readonly kept: number } {
  if (part === 0) return { count: Math.min(largest, length + 1), kept: length };
  return keepsLength ? { count: 0, kept: length } : { count: Math.ceil(length / part), kept: 0 };
}

function joined(target: Operand | undefined, [separator]: readonly Operand[]): CallEstimate | undefined {
  if (target === undefined) return undefined;
  const list = sizeOf(target);
  const elements = target.elements === undefined ? nothing : multiply(list, target.elements.size ?? unknown);
  const gaps = { minimum: Math.max(0, list.minimum - 1), maximum: Math.max(0, list.maximum - 1) };
  const size = separator === undefined ? elements : add(elements, multiply(sizeOf(separator), gaps));
  return { cost: scale(size, textFactor), size };
}

const constantEquality = new Set([
  "net.IP", "net.CIDR", "kubernetes.Quantity", "kubernetes.Semver", "kubernetes.authorization.Authorizer", "kubernetes.authorization.PathCheck",
  "kubernetes.authorization.GroupCheck", "kubernetes.authorization.ResourceCheck", "kubernetes.authorization.Decision",
]);
const longestFormat = 64;

function equality(left: Operand | undefined, right: Operand | undefined): CallEstimate | undefined {
  const name = nameOf(left?.type);
  if (name === undefined || name !== nameOf(right?.type)) return undefined;
  if (constantEquality.has(name)) return { cost: exactly(1) };
  if (name === "kubernetes.NamedFormat") return { cost: scale({ minimum: 1, maximum: longestFormat }, textFactor) };
  if (name !== "kubernetes.URL") return undefined;
  return { cost: scale({ minimum: 1, maximum: (right?.size ?? exactly(1)).maximum }, textFactor) };
}

function nameOf(type: Type | undefined): string | undefined {
  return type?.is === "opaque" || type?.is === "struct" ? type.name : undefined;
}

/** What an argument says outright. */
function literalInt(operand: Operand | undefined, otherwise: number): number {
  if (operand?.node.is !== "literal" || !isInt(operand.node.value)) return otherwise;
  return Math.max(0, Number(operand.node.value));
}
