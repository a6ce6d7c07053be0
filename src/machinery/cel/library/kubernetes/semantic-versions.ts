import { quote } from "../../../quote.ts";
import { declare, type FunctionDeclaration, member, overload } from "../../types/declarations.ts";
import { boolType, intType, stringType, structWithoutFields, type Type } from "../../types/type.ts";
import { type Int, int64 } from "../../values/numbers.ts";
import { EvaluationError, Opaque, type Value } from "../../values/value.ts";
import type { Library } from "../library.ts";

const type = structWithoutFields("kubernetes.Semver");

/** A semantic version (semver.org, 2.0.0). What stands behind `+` does not count. */
class SemanticVersion extends Opaque {
  readonly numbers: readonly [major: Int, minor: Int, patch: Int];
  readonly preRelease: readonly string[];

  constructor(numbers: readonly [Int, Int, Int], preRelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.preRelease = preRelease;
  }

  get type(): Type {
    return type;
  }

  equals(other: SemanticVersion): boolean {
    return compare(this, other) === 0;
  }
}

/** Semantic versions (API concepts, "Common Expression Language": semver library). */
export const semanticVersionsLibrary: Library = {
  types: new Map([[type.name, type]]),
  functions: [
    declare("semver",
      overload("string_to_semver", [stringType], type, (text: string) => read(text, false)),
      overload("string_bool_to_semver", [stringType, boolType], type, read)),
    declare("isSemver",
      overload("is_semver_string", [stringType], boolType, (text: string) => isVersion(text, false)),
      overload("is_semver_string_bool", [stringType, boolType], boolType, isVersion)),
    declare("isGreaterThan",
      member("semver_is_greater_than", [type, type], boolType, (left: SemanticVersion, right: SemanticVersion) => compare(left, right) > 0)),
    declare("isLessThan",
      member("semver_is_less_than", [type, type], boolType, (left: SemanticVersion, right: SemanticVersion) => compare(left, right) < 0)),
    declare("compareTo", member("semver_compare_to", [type, type], intType, compare)),
    part("major", 0), part("minor", 1), part("patch", 2),
  ],
};

function part(name: string, index: 0 | 1 | 2): FunctionDeclaration {
  return declare(name, member(`semver_${name}`, [type], intType, ({ numbers }: SemanticVersion) => numbers[index]));
}

function isVersion(text: string, normalize: boolean): boolean {
  try {
    read(text, normalize);
    return true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}

/** Makes one of text. @throws EvaluationError */
export function semanticVersion(text: string): Value {
  return read(text, false);
}

/** @param normalize allows a leading `v`, leading zeros, and less than three numbers */
function read(text: string, normalize: boolean): SemanticVersion {
  if (text === "") throw new EvaluationError("Version string empty");
  const [major, minor, ...rest] = (normalize ? normalized(text) : text).split(".");
  if (major === undefined || minor === undefined || rest.length === 0) throw new EvaluationError("No Major.Minor.Patch elements found");
  const [, patch = "", preRelease, build] = /^([^+-]*)(?:-([^+]*))?(?:\+([^]*))?$/.exec(rest.join(".")) ?? [];
  for (const word of build?.split(".") ?? []) {
    if (word === "") throw new EvaluationError("Build meta data is empty");
    if (!/^[0-9A-Za-z-]+$/.test(word)) throw new EvaluationError(`Invalid character(s) found in build meta data ${quote(word)}`);
  }
  return new SemanticVersion([readNumber(major, "Major"), readNumber(minor, "Minor"), readNumber(patch, "Patch")], readPreRelease(preRelease));
}

function normalized(text: string): string {
  const [major = "", minor, ...rest] = text.replace(/^v/, "").split(".");
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length === 0 ? [] : [rest.join(".")])];
  const trimmed = parts.map((word) => (word.length > 1 ? word.replace(/^0+(?=\d)/, "") : word));
  if (trimmed.length === 3) return trimmed.join(".");
  if (/[+-]/.test(trimmed.at(-1) ?? "")) throw new EvaluationError("short version cannot contain PreRelease/Build meta data");
  return [...trimmed, "0", "0"].slice(0, 3).join(".");
}

function readNumber(text: string, name: string): Int {
  if (!/^\d{0,100}$/.test(text)) throw new EvaluationError(`Invalid character(s) found in ${name.toLowerCase()} number ${quote(text)}`);
  if (/^0\d/.test(text)) throw new EvaluationError(`${name} number must not contain leading zeroes ${quote(text)}`);
  const value = text === "" ? undefined : int64(BigInt(text));
  if (value !== undefined) return value;
  throw new EvaluationError(`strconv.ParseUint: parsing ${quote(text)}: ${text === "" ? "invalid syntax" : "value out of range"}`);
}

function readPreRelease(text: string | undefined): readonly string[] {
  const words = text?.split(".") ?? [];
  for (const word of words) {
    if (word === "") throw new EvaluationError("Prerelease is empty");
    if (!/^[0-9A-Za-z-]+$/.test(word)) throw new EvaluationError(`Invalid character(s) found in prerelease ${quote(word)}`);
    if (/^0\d+$/.test(word)) throw new EvaluationError(`Numeric PreRelease version must not contain leading zeroes ${quote(word)}`);
  }
  return words;
}

/** −1, 0 or 1 (semver.org §11). */
function compare(left: SemanticVersion, right: SemanticVersion): number {
  for (const [index, number] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return Math.sign(right.preRelease.length - left.preRelease.length);
  }
  for (const [index, word] of left.preRelease.entries()) {
    const order = compareWords(word, right.preRelease[index]);
    if (order !== 0) return order;
  }
  return left.preRelease.length < right.preRelease.length ? -1 : 0;
}

function compareWords(left: string, right: string | undefined): number {
  if (right === undefined) return 1;
  const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
  const [a, b] = leftIsNumber ? [BigInt(left), BigInt(right)] : [left, right];
  return a < b ? -1 : a > b ? 1 : 0;
}
