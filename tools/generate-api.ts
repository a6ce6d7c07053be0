/** Turns src/api/**\/*.schema into src/api/generated/: TypeScript interfaces, and the data that schemas are linked from. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { MessageData, SchemaData, TypeData } from "../src/machinery/schema/data.ts";
import { emitTypes, moduleName } from "./api-schema/emit-types.ts";
import { parseSchema, type SchemaFile } from "./api-schema/parse.ts";

const root = path.resolve(import.meta.dirname, "..");
const target = path.join(root, "src/api/generated");

function main(): void {
  const files = schemaFiles(path.join(root, "src/api")).map((file) => parseSchema(path.relative(root, file), readFileSync(file, "utf8")));
  const packages = new Map<string, SchemaFile[]>();
  for (const file of files) packages.set(file.package, [...(packages.get(file.package) ?? []), file]);
  checkNames(files);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [name, members] of packages) writeFileSync(path.join(target, `${moduleName(name)}.ts`), emitTypes(name, members));
  const data = JSON.stringify(JSON.stringify(schemaData(packages)));
  writeFileSync(
    path.join(target, "schemas.ts"),
    "// Generated from src/api/**/*.schema.\n"
      + `import type { SchemaData } from "#machinery/schema/data.ts";\n\nexport const schemas = JSON.parse(${data}) as SchemaData;\n`,
  );
}

function schemaFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".schema"))
    .toSorted()
    .map((file) => path.join(folder, file));
}

function schemaData(packages: ReadonlyMap<string, readonly SchemaFile[]>): SchemaData {
  return Object.fromEntries(
    [...packages].map(([name, members]) => {
      const messages = members.flatMap((member) => member.messages).map(({ name: own, ...message }): [string, MessageData] => [own, message]);
      return [name, { openapiPrefix: members[0]?.openapiPrefix ?? "", messages: Object.fromEntries(messages) }];
    }),
  );
}

/** Every type that a field names must be there, and no message twice. */
function checkNames(files: readonly SchemaFile[]): void {
  const names = new Set<string>();
  for (const file of files) {
    for (const { name } of file.messages) {
      const full = `${file.package}.${name}`;
      if (names.has(full)) throw new Error(`${full} is declared twice`);
      names.add(full);
    }
  }
  for (const file of files) {
    for (const message of file.messages) {
      for (const field of message.fields) {
        const missing = messagesIn(field.type).find((name) => !names.has(name));
        if (missing !== undefined) throw new Error(`${file.package}.${message.name}.${field.name}: there is no message ${missing}`);
      }
    }
  }
}

function messagesIn(type: TypeData): string[] {
  if (type.is === "message") return [type.name];
  return type.is === "list" || type.is === "map" ? messagesIn(type.of) : [];
}

main();
