import { FieldPath } from "../field-path.ts";
import { type FieldError, invalidValue, notSupportedValue, requiredValue } from "../field-errors.ts";
import type { Field, Message, Type } from "./message.ts";

type Check = (value: unknown, path: FieldPath, errors: FieldError[]) => void;

/**
 * What is wrong with a decoded object by its schema alone: missing required fields, values outside an enumeration or a range.
 * Its status is the servers' own business and not looked at.
 */
export function validateStructure(message: Message, object: object, path: FieldPath = FieldPath.root): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkOf(message)(object, path, errors);
  return errors;
}

const compiled = new WeakMap<Message, Check>();

function checkOf(message: Message): Check {
  let check = compiled.get(message);
  if (!check) {
    check = compileMessage(message);
    compiled.set(message, check);
  }
  return check;
}

interface FieldPlan {
  readonly name: string;
  readonly required: boolean;
  readonly check: Check | undefined;
}

function compileMessage(message: Message): Check {
  let plans: readonly FieldPlan[] | undefined;
  return (value, path, errors) => {
    plans ??= planFields(message);
    const object = value as { readonly [name: string]: unknown };
    for (const { name, required, check } of plans) {
      const field = object[name];
      if (field === undefined || field === null) {
        if (required) errors.push(requiredValue(path.child(name)));
      } else {
        check?.(field, path.child(name), errors);
      }
    }
  };
}

function planFields(message: Message): FieldPlan[] {
  return [...message.fields.values()].flatMap((field) => {
    if (message.isKind && (field.name === "status" || field.name === "metadata")) return [];
    const plan = { name: field.name, required: field.presence === "required", check: checkOfField(field) };
    return plan.required || plan.check ? [plan] : [];
  });
}

function checkOfField(field: Field): Check | undefined {
  const { minimum, maximum } = field;
  if (minimum === undefined && maximum === undefined) return checkOfType(field.type);
  return (value, path, errors) => {
    const number = value as number;
    if (minimum !== undefined && number < minimum) errors.push(invalidValue(path, number, `must be greater than or equal to ${minimum}`));
    if (maximum !== undefined && number > maximum) errors.push(invalidValue(path, number, `must be less than or equal to ${maximum}`));
  };
}

function checkOfType(type: Type): Check | undefined {
  switch (type.is) {
    case "string":
      return type.values && checkOfEnumeration(type.values);
    case "message": {
      const { message } = type;
      return !message.union && canFail(message) ? (value, path, errors) => checkOf(message)(value, path, errors) : undefined;
    }
    case "list": {
      const check = checkOfType(type.of);
      return check && ((value, path, errors) => {
        for (const [index, element] of (value as readonly unknown[]).entries()) check(element, path.index(index), errors);
      });
    }
    case "map": {
      const check = checkOfType(type.of);
      return check && ((value, path, errors) => {
        for (const [key, element] of Object.entries(value as object)) check(element, path.key(key), errors);
      });
    }
    default:
      return undefined;
  }
}

const knownToFail = new WeakMap<Message, boolean>();

/** Whether anything in the message can be wrong at all. A message that is within itself counts as one that can. */
function canFail(message: Message): boolean {
  const known = knownToFail.get(message);
  if (known !== undefined) return known;
  knownToFail.set(message, true);
  const can = [...message.fields.values()].some((field) => field.presence === "required" || checkOfField(field) !== undefined);
  knownToFail.set(message, can);
  return can;
}

function checkOfEnumeration(values: readonly string[]): Check {
  const allowed = new Set<unknown>(values);
  const listed = values.toSorted();
  return (value, path, errors) => {
    if (!allowed.has(value)) errors.push(notSupportedValue(path, value, listed));
  };
}
