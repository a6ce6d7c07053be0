import type { Message, Type } from "./message.ts";

/**
 * How field selectors see a field: its text. An absent boolean reads "false" and an absent number "0", as they mean just that;
 * anything else that is absent, or that has no text of its own, reads "".
 *
 * @param path such as `spec.nodeName`
 */
export function fieldText(message: Message, path: string): (object: object) => string {
  const steps = path.split(".");
  const nothing = textOfAbsent(typeAt(message, steps));
  return (object) => {
    let value: unknown = object;
    for (const step of steps) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return nothing;
      value = (value as { readonly [name: string]: unknown })[step];
    }
    if (value === undefined || value === null) return nothing;
    return typeof value === "object" ? "" : String(value as string | number | boolean);
  };
}

function typeAt(message: Message, [first = "", ...rest]: readonly string[]): Type | undefined {
  const type = message.fields.get(first)?.type;
  if (rest.length === 0) return type;
  return type?.is === "message" ? typeAt(type.message, rest) : undefined;
}

function textOfAbsent(type: Type | undefined): string {
  if (type?.is === "bool") return "false";
  return type?.is === "int32" || type?.is === "int64" ? "0" : "";
}
