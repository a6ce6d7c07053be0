import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Message, Type } from "../schema/message.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement, type Path, pathText } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, shapeOf, type Slot, slotOf } from "./shape.ts";
import { StatusError } from "../status-error.ts";

/** At most so many problems of one configuration are told. */
const mostProblems = 100;

/**
 * What in an applied configuration does not fit the schema: unknown fields, values of a wrong type, lists with doubles or without
 * keys, in upstream's words: `.spec.replica: field not declared in schema`. Applying refuses these whatever `fieldValidation` says.
 */
export function typeProblems(configuration: JsonObject, message: Message): readonly string[] {
  const problems: string[] = [];
  check(configuration, slotOf(message), [], problems);
  return problems.slice(0, mostProblems);
}

function check(value: Json, slot: Slot, path: Path, problems: string[]): void {
  if (value === null || slot.type === undefined || problems.length >= mostProblems) return;
  const expected = mismatch(value, slot.type);
  if (expected !== undefined) return void problems.push(`${pathText(path)}: expected ${expected}, got ${goTypeOf(value)}`);
  if (isJsonObject(value)) return checkFields(value, slot, path, problems);
  if (isJsonArray(value)) checkElements(value, slot, path, problems);
}

function checkFields(value: JsonObject, { type }: Slot, path: Path, problems: string[]): void {
  const message = type?.is === "message" ? type.message : undefined;
  // How a value is owned does not matter here: what is atomic has fields all the same.
  const shape = message ? { is: "struct" as const, message } : shapeOf({ type }, value);
  for (const name of Object.keys(value)) {
    const at = [...path, fieldElement(name)];
    const isTypeMeta = path.length === 0 && (name === "apiVersion" || name === "kind");
    if (message && !message.open && !message.fields.has(name) && !isTypeMeta) problems.push(`${pathText(at)}: field not declared in schema`);
    else check(fieldsOf(value)?.[name] ?? null, fieldSlot(shape, name), at, problems);
  }
}

function checkElements(value: readonly Json[], slot: Slot, path: Path, problems: string[]): void {
  const shape = shapeOf(slot, value);
  const of: Slot = { type: slot.type?.is === "list" ? slot.type.of : undefined };
  if (shape.is !== "list") return value.forEach((item, index) => check(item, of, [...path, `i:${index}`], problems));
  try {
    for (const [element, items] of listElements(elementsOf(value) ?? [], shape, path, true)) {
      for (const item of items) check(item, shape.of, [...path, element], problems);
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    problems.push(error.message);
  }
}

/** What should have been there; `undefined` where the value will do. Texts with a form of their own are looked at when decoded. */
function mismatch(value: Json, { is }: Type): string | undefined {
  switch (is) {
    case "string":
      return typeof value === "string" ? undefined : "string";
    case "bool":
      return typeof value === "boolean" ? undefined : "boolean";
    case "int32":
    case "int64":
    case "double":
      return typeof value === "number" ? undefined : "numeric (int or float)";
    case "message":
    case "map":
      return isJsonObject(value) ? undefined : "map";
    case "list":
      return isJsonArray(value) ? undefined : "list";
    default:
      return undefined;
  }
}

/** Clients see these words from Go. */
function goTypeOf(value: Json): string {
  if (isJsonArray(value)) return "list";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return typeof value === "string" ? "string" : "map";
}
