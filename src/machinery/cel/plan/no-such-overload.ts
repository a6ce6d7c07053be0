import { typeName, typeOfValue } from "../values/types.ts";
import { EvaluationError, type Value } from "../values/value.ts";

const numbers = ["int", "uint", "double"];
const sums = [...numbers, "duration", "timestamp"];
const ordered = [...sums, "bool", "string", "bytes"];

/** Operators, with the types that know what to do with at least some operand on their right. */
const leftOperands: ReadonlyMap<string, readonly string[]> = new Map([
  ["_+_", [...sums, "string", "bytes", "list"]], ["_-_", sums], ["_*_", numbers], ["_/_", numbers], ["_%_", ["int", "uint"]],
  ["_<_", ordered], ["_<=_", ordered], ["_>_", ordered], ["_>=_", ordered], ["size", []],
]);
const silent: ReadonlySet<string> = new Set(["contains", "startsWith", "endsWith", "matches", "find", "findAll", "@in", "-_", "!_"]);

/** A function has no meaning for these values; upstream tells more of it for some functions than for others. */
export function noSuchOverload(name: string, values: readonly Value[]): EvaluationError {
  const types = values.map((value) => nameOf(value));
  const operands = leftOperands.get(name);
  if (silent.has(name) || operands?.includes(types[0] ?? "") === true) return new EvaluationError("no such overload");
  return new EvaluationError(`no such overload: ${name}${operands === undefined ? `(${types.join(", ")})` : ""}`);
}

/** Objects go for maps. */
function nameOf(value: Value): string {
  const type = typeOfValue(value);
  if (type.is === "duration" || type.is === "timestamp") return type.is;
  return type.is === "struct" ? "map" : typeName(type);
}
