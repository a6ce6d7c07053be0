import type { StructType } from "../types/type.ts";
import { CelList } from "../values/list.ts";
import { BuiltMap } from "../values/map.ts";
import { CelObject } from "../values/object.ts";
import { EvaluationError, Optional, type Value } from "../values/value.ts";
import { wrapOf } from "../values/wrap.ts";
import type { Step } from "./frame.ts";

export interface PlannedElement {
  readonly value: Step;
  /** An optional, of which what it holds becomes the element; without that there is none. */
  readonly optional: boolean;
}

export interface PlannedEntry extends PlannedElement {
  readonly key: Step;
}

/** `[a, ?b]` */
export function planList(elements: readonly PlannedElement[]): Step {
  return (frame) => {
    const values: Value[] = [];
    for (const { value, optional } of elements) {
      const given = optional ? heldBy(value(frame)) : value(frame);
      if (given !== undefined) values.push(given);
    }
    return CelList.of(values);
  };
}

/** `{a: b, ?c: d}` */
export function planMap(entries: readonly PlannedEntry[]): Step {
  return (frame) => {
    const pairs: [Value, Value][] = [];
    for (const { key, value, optional } of entries) {
      const name = key(frame);
      const given = optional ? heldBy(value(frame)) : value(frame);
      if (given !== undefined) pairs.push([name, given]);
    }
    const map = BuiltMap.of(pairs);
    if (map === undefined) throw new EvaluationError("unsupported key type");
    return map;
  };
}

export interface PlannedField extends PlannedElement {
  readonly name: string;
}

/** `Type{field: a, ?other: b}` */
export function planStruct(type: StructType, fields: readonly PlannedField[]): Step {
  return (frame) => {
    const data: Record<string, Value> = {};
    for (const { name, value, optional } of fields) {
      const given = optional ? heldBy(value(frame)) : value(frame);
      if (given !== undefined) data[type.field(name)?.name ?? name] = given;
    }
    return new CelObject(type, data, wrapOf);
  };
}

function heldBy(value: Value): Value | undefined {
  if (value instanceof Optional) return value.value;
  throw new EvaluationError("no such overload");
}
