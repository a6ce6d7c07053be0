import { Bytes } from "./bytes.ts";
import { CelList } from "./list.ts";
import { CelMap } from "./map.ts";
import { CelObject } from "./object.ts";
import { Duration } from "./time.ts";
import { numberOf, Optional, type Value } from "./value.ts";

/** Whether a value is the zero of its type: 0, "", null, an empty list … */
export function isZero(value: Value): boolean {
  if (value === null || value === false || value === "") return true;
  const number = numberOf(value);
  if (number !== undefined) return Number(number) === 0;
  if (value instanceof CelList || value instanceof Bytes) return value.length === 0;
  if (value instanceof CelMap) return value.size === 0;
  if (value instanceof CelObject) return value.present().next().done === true;
  if (value instanceof Duration) return value.nanos === 0n;
  return value instanceof Optional && value.value === undefined;
}
