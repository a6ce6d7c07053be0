import { copyOf } from "../json.ts";
import { fillStructuralDefaults } from "../structural-schema/default.ts";
import type { Field, Message, StructuralRoot, Type } from "./message.ts";

/** An object under construction. */
type Target = { [field: string]: unknown };
type Filler = (target: Target) => void;

/**
 * Fills in, in place, what readers always find: defaults of fields, empty messages, and zeros of required numbers, booleans and lists.
 * What depends on other fields is the business of the kind's own `defaults`.
 */
export function applyDefaults(message: Message, target: object): void {
  fillerOf(message)?.(target as Target);
}

const compiled = new WeakMap<Message, Filler | "nothing" | "compiling">();

/** `undefined` when neither the message nor anything within it has defaults. */
function fillerOf(message: Message): Filler | undefined {
  const known = compiled.get(message);
  if (known === "nothing") return undefined;
  if (message.structural) return structuralFiller(message.structural);
  if (message.union) return undefined;
  // A message within itself: whether it has defaults is not known yet, so look again when it is met.
  if (known === "compiling") return (target) => fillerOf(message)?.(target);
  if (known !== undefined) return known;
  compiled.set(message, "compiling");
  const fillers = [...message.fields.values()].flatMap((field) => fillerOfField(field) ?? []);
  const filler: Filler | undefined = fillers.length === 0 ? undefined : (target) => {
    for (const fill of fillers) fill(target);
  };
  compiled.set(message, filler ?? "nothing");
  return filler;
}

function structuralFiller({ schema, metadata }: StructuralRoot): Filler {
  return (target) => {
    fillStructuralDefaults(target, schema);
    target["metadata"] ??= {};
    fillerOf(metadata)?.(target["metadata"] as Target);
  };
}

function fillerOfField(field: Field): Filler | undefined {
  const { name } = field;
  const missing = missingValue(field);
  const within = fillerWithin(field.type);
  if (missing !== undefined) {
    return (target) => {
      target[name] ??= missing();
      within?.(target[name]);
    };
  }
  return within && ((target) => {
    const value = target[name];
    if (value !== undefined) within(value);
  });
}

/** Makes what stands in for an absent field; itself absent when nothing does. */
function missingValue({ presence, type, default: fallback }: Field): (() => unknown) | undefined {
  if (presence === "optional") return undefined;
  if (presence === "required") {
    if (type.is === "bool") return () => false;
    // Writers in Go leave a list out where they mean an empty one.
    if (type.is === "list") return () => [];
    return type.is === "int32" || type.is === "int64" ? () => 0 : undefined;
  }
  if (fallback !== undefined) return typeof fallback === "object" && fallback !== null ? () => copyOf(fallback) : () => fallback;
  return type.is === "message" ? () => ({}) : undefined;
}

/** Fills defaults in the messages within a value. */
function fillerWithin(type: Type): ((value: unknown) => void) | undefined {
  switch (type.is) {
    case "message": {
      const fill = fillerOf(type.message);
      return fill && ((value) => fill(value as Target));
    }
    case "list": {
      const fill = fillerWithin(type.of);
      return fill && ((value) => {
        for (const element of value as readonly unknown[]) fill(element);
      });
    }
    case "map": {
      const fill = fillerWithin(type.of);
      return fill && ((value) => {
        for (const element of Object.values(value as Target)) fill(element);
      });
    }
    default:
      return undefined;
  }
}
