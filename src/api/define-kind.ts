import { type Kind, type KindDeclaration, kindOf, type KubeObject } from "#machinery/kind.ts";
import { registryOf } from "#machinery/schema/message.ts";
import { schemas } from "./generated/schemas.ts";

/** The schemas of all built-in kinds. */
export const builtInSchemas = registryOf(schemas);

/** Declares a built-in kind; its schema message is linked from the generated schemas. */
export function defineKind<T extends KubeObject>(declaration: KindDeclaration<T>): Kind<T> {
  return kindOf(declaration, builtInSchemas);
}
