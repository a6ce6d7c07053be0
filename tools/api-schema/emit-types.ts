import type { TypeData } from "../../src/machinery/schema/data.ts";
import type { ParsedMessage, SchemaFile } from "./parse.ts";

/** The TypeScript module of one package, such as `core/v1`: an interface per message, readonly throughout. */
export function emitTypes(packageName: string, files: readonly SchemaFile[]): string {
  const messages = files.flatMap((file) => file.messages).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const imports = new Map<string, Set<string>>();
  const name = (full: string): string => {
    const dot = full.lastIndexOf(".");
    const [from, short] = [full.slice(0, dot), full.slice(dot + 1)];
    if (from !== packageName) imports.set(from, (imports.get(from) ?? new Set()).add(short));
    return short;
  };
  const body = messages.map((message) => emitMessage(files[0]?.apiVersion ?? "", message, name));
  const head = [...imports].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([from, names]) => {
    return `import type { ${[...names].toSorted().join(", ")} } from "./${moduleName(from)}.ts";`;
  });
  return [`// Generated from src/api/**/*.schema (${packageName}).`, ...head, "", ...body].join("\n");
}

/** `core/v1` → `core-v1`. */
export function moduleName(packageName: string): string {
  return packageName.replace("/", "-");
}

function emitMessage(apiVersion: string, message: ParsedMessage, name: (full: string) => string): string {
  if (message.union) return emitUnion(message, name);
  const embedded = message.fields.flatMap((field) => (field.name === "..." && field.type.is === "message" ? [name(field.type.name)] : []));
  const own = message.fields.filter((field) => field.name !== "...");
  const lines = own.flatMap((field) => [
    ...(field.description === "" ? [] : [`  /** ${field.description} */`]),
    `  readonly ${propertyName(field.name)}${field.presence === "optional" ? "?" : ""}: ${emitType(field.type, name)};`,
  ]);
  const kind = message.isKind ? [`  readonly apiVersion: "${apiVersion}";`, `  readonly kind: "${message.name}";`] : [];
  const doc = message.description === "" ? [] : [`/** ${message.description} */`];
  const heritage = embedded.length === 0 ? "" : ` extends ${embedded.join(", ")}`;
  return [...doc, `export interface ${message.name}${heritage} {`, ...kind, ...lines, "}", ""].join("\n");
}

function emitUnion({ name: own, description, fields }: ParsedMessage, name: (full: string) => string): string {
  const doc = description === "" ? [] : [`/** ${description} */`];
  return [...doc, `export type ${own} = ${fields.map(({ type }) => emitType(type, name)).join(" | ")};`, ""].join("\n");
}

function propertyName(name: string): string {
  return /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
}

const scalarTypes: { readonly [is: string]: string } = {
  bool: "boolean", int32: "number", int64: "number", double: "number", bytes: "string", Time: "string", MicroTime: "string",
  Duration: "string", Quantity: "string", IntOrString: "number | string", RawExtension: "{ readonly [key: string]: unknown }",
  FieldsV1: "{ readonly [key: string]: unknown }", JSON: "unknown", WrappedStrings: "readonly string[]",
};

function emitType(type: TypeData, name: (full: string) => string): string {
  switch (type.is) {
    case "string":
      return type.values === undefined ? "string" : type.values.map((value) => JSON.stringify(value)).join(" | ");
    case "list": {
      const of = emitType(type.of, name);
      return `readonly ${of.includes("|") ? `(${of})` : of}[]`;
    }
    case "map":
      return `{ readonly [key: string]: ${emitType(type.of, name)} }`;
    case "message":
      return name(type.name);
    default:
      return scalarTypes[type.is] ?? "never";
  }
}
