import type { FieldData, Presence, TypeData } from "../../src/machinery/schema/data.ts";

/** A `.schema` file as read: see docs/schema-language.md for the notation. */
export interface SchemaFile {
  /** Package, such as `apps/v1`. */
  readonly package: string;
  /** What its kinds carry as `apiVersion`, such as `rbac.authorization.k8s.io/v1`. */
  readonly apiVersion: string;
  /** What the package's definitions are called in OpenAPI, such as `io.k8s.api.apps.v1`. */
  readonly openapiPrefix: string;
  readonly messages: readonly ParsedMessage[];
}

export interface ParsedMessage {
  readonly name: string;
  readonly description: string;
  /** Has `apiVersion` and `kind`. */
  readonly isKind: boolean;
  /** Server-side apply owns it as a whole. */
  readonly atomic: boolean;
  /** In JSON, the value of one of its fields. */
  readonly union: boolean;
  readonly fields: readonly FieldData[];
}

/** What is wrong in a schema file, and in which line. */
export class SchemaSyntaxError extends Error {
  override readonly name = "SchemaSyntaxError";
  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`);
  }
}

const scalars = new Set([
  "string", "bool", "int32", "int64", "double", "bytes", "Time", "MicroTime", "Duration", "Quantity", "IntOrString",
  "RawExtension", "FieldsV1", "JSON", "WrappedStrings",
]);

const header = /^package (\w+\/v\w+) \(([\w./-]+), ([\w.-]+)\)$/;
const messageLine = /^([A-Z]\w*)((?: @\w+)*)(?:\s+# (.*))?$/;
const fieldLine = /^ {2}(\d+) (\.\.\.|[A-Za-z_$][\w-]*)([?!]?): (.+)$/;

/** @throws SchemaSyntaxError */
export function parseSchema(file: string, text: string): SchemaFile {
  const lines = text.split("\n");
  const fail = (index: number, what: string): never => {
    throw new SchemaSyntaxError(file, index + 1, what);
  };
  const first = header.exec(lines[0] ?? "") ?? fail(0, "expected a first line such as `package apps/v1 (apps/v1, io.k8s.api.apps.v1)`");
  const packageName = first[1] ?? "";
  const messages: (ParsedMessage & { fields: FieldData[] })[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") continue;
    const asMessage = messageLine.exec(line);
    if (asMessage) {
      messages.push({ ...readMessage(asMessage, (what) => fail(index, what)), fields: [] });
      continue;
    }
    const asField = fieldLine.exec(line)
      ?? fail(index, "expected a message such as `Deployment @kind` or a field such as `  1 replicas!: int32 = 1`");
    const field = readField(asField, packageName, (what) => fail(index, what));
    const message = messages.at(-1) ?? fail(index, "a field needs a message above it");
    if (message.fields.some((other) => other.number === field.number)) fail(index, `number ${field.number} is taken in ${message.name}`);
    if (message.fields.some((other) => other.name === field.name)) fail(index, `${field.name} is there twice in ${message.name}`);
    message.fields.push(field);
  }
  return { package: packageName, apiVersion: first[2] ?? "", openapiPrefix: first[3] ?? "", messages };
}

type Fail = (what: string) => never;

const messageMarks = ["kind", "atomic", "union"];

function readMessage(match: RegExpExecArray, fail: Fail): Omit<ParsedMessage, "fields"> {
  const marks = (match[2] ?? "").split("@").map((mark) => mark.trim()).filter((mark) => mark !== "");
  for (const mark of marks) {
    if (!messageMarks.includes(mark)) fail(`messages have the markers @kind, @atomic and @union, not @${mark}`);
  }
  return {
    name: match[1] ?? "", description: match[3] ?? "",
    isKind: marks.includes("kind"), atomic: marks.includes("atomic"), union: marks.includes("union"),
  };
}

function readField(match: RegExpExecArray, packageName: string, fail: Fail): FieldData {
  const [, number = "", name = "", mark = "", rest = ""] = match;
  const presence: Presence = mark === "?" ? "optional" : mark === "!" ? "present" : "required";
  const comment = rest.search(/\s# /);
  const declaration = comment < 0 ? rest : rest.slice(0, comment);
  const description = comment < 0 ? "" : rest.slice(comment).replace(/^\s+# /, "");
  const parts = /^(.*?)(?: = (.+?))?((?: @\w+(?:\([^)]*\))?)*)$/.exec(declaration.trim()) ?? fail("expected TYPE [= DEFAULT] [@marker …]");
  const type = readType(parts[1] ?? "", packageName, fail);
  const field: FieldData = { number: Number(number), name, presence, type, description, ...readMarkers(parts[3] ?? "", fail) };
  if (parts[2] === undefined) return field;
  if (presence !== "present") fail("a field with a default is always there for readers: mark it `!`");
  return { ...field, default: readDefault(parts[2], fail) };
}

function readDefault(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail(`the default ${text} is not JSON`);
  }
}

function readType(text: string, packageName: string, fail: Fail): TypeData {
  if (text.startsWith("[]")) return { is: "list", of: readType(text.slice(2), packageName, fail) };
  if (text.startsWith("{}")) return { is: "map", of: readType(text.slice(2), packageName, fail) };
  if (text.startsWith('"')) {
    const values = text.split("|").map((value) => /^"([^"]*)"$/.exec(value.trim())?.[1] ?? fail(`${value} is not a string in quotes`));
    return { is: "string", values };
  }
  if (scalars.has(text)) return { is: text } as TypeData;
  if (/^(?:[a-z]+\/v\w+\.)?[A-Z]\w*$/.test(text)) return { is: "message", name: text.includes("/") ? text : `${packageName}.${text}` };
  return fail(`there is no type ${text}`);
}

function readMarkers(text: string, fail: Fail): Partial<FieldData> {
  const found: { -readonly [K in keyof FieldData]?: FieldData[K] } = {};
  for (const [, name = "", argument = ""] of text.matchAll(/@(\w+)(?:\(([^)]*)\))?/g)) {
    const words = argument.split(",").map((word) => word.trim()).filter((word) => word !== "");
    if (name === "listMap") found.list = { is: "map", keys: words };
    else if (name === "listSet") found.list = { is: "set" };
    else if (name === "listUntyped") found.list = { is: "untyped" };
    else if (name === "atomic") found.atomic = true;
    else if (name === "granular") found.granular = true;
    else if (name === "merge") found.patch = { ...found.patch, merge: true, ...(words[0] === undefined ? {} : { mergeKey: words[0] }) };
    else if (name === "retainKeys") found.patch = { ...found.patch, retainKeys: true };
    else if (name === "replace") found.patch = { ...found.patch, replace: true };
    else if (name === "min") found.minimum = Number(words[0]);
    else if (name === "max") found.maximum = Number(words[0]);
    else if (name === "immutable") found.immutable = true;
    else if (name === "zero") found.zero = true;
    else fail(`there is no marker @${name}`);
  }
  return found;
}
