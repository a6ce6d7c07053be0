import { semanticallyEqual } from "../equality.ts";
import { type FieldError, invalidValue } from "../field-errors.ts";
import { FieldPath } from "../field-path.ts";
import type { Message } from "./message.ts";

type Part = { readonly [field: string]: unknown };

/** Which fields marked `@immutable` an update would change. Looks into messages, not into lists or maps. */
export function validateImmutable(message: Message, object: object, old: object): readonly FieldError[] {
  const errors: FieldError[] = [];
  compare(message, object as Part, old as Part, FieldPath.root, errors);
  return errors;
}

const compiled = new WeakMap<Message, readonly Step[]>();

type Step = { readonly name: string; readonly within?: Message };

function compare(message: Message, object: Part, old: Part, path: FieldPath, errors: FieldError[]): void {
  for (const { name, within } of stepsOf(message)) {
    const [value, oldValue] = [object[name], old[name]];
    if (within !== undefined) {
      if (value !== undefined && oldValue !== undefined) compare(within, value as Part, oldValue as Part, path.child(name), errors);
    } else if (!semanticallyEqual(value, oldValue)) {
      errors.push(invalidValue(path.child(name), value ?? null, "field is immutable"));
    }
  }
}

function stepsOf(message: Message): readonly Step[] {
  const known = compiled.get(message);
  if (known) return known;
  compiled.set(message, []);
  const steps = [...message.fields.values()].flatMap((field): Step[] => {
    if (field.immutable === true) return [{ name: field.name }];
    const { type } = field;
    return type.is === "message" && stepsOf(type.message).length > 0 ? [{ name: field.name, within: type.message }] : [];
  });
  compiled.set(message, steps);
  return steps;
}
