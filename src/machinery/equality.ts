/** Whether two JSON values are the same. A field that is `undefined` counts as absent; the order of fields does not count. */
export function equal(left: unknown, right: unknown): boolean {
  return sameValue(left, right, false);
}

/** As `equal`, but an empty list or map counts as absent, which is how the API compares objects. */
export function semanticallyEqual(left: unknown, right: unknown): boolean {
  return sameValue(left, right, true);
}

function sameValue(left: unknown, right: unknown, emptyIsAbsent: boolean): boolean {
  if (left === right) return true;
  if (emptyIsAbsent && isEmpty(left) && isEmpty(right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!sameValue(left[index], right[index], emptyIsAbsent)) return false;
    return true;
  }
  return sameFields(left as Readonly<Record<string, unknown>>, right as Readonly<Record<string, unknown>>, emptyIsAbsent);
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(left: Fields, right: Fields, emptyIsAbsent: boolean): boolean {
  for (const name of Object.keys(left)) {
    if (!sameValue(left[name], Object.hasOwn(right, name) ? right[name] : undefined, emptyIsAbsent)) return false;
  }
  for (const name of Object.keys(right)) {
    if (!Object.hasOwn(left, name) && !(emptyIsAbsent ? isEmpty(right[name]) : right[name] === undefined)) return false;
  }
  return true;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== "object") return false;
  for (const name in value) if (Object.hasOwn(value, name)) return false;
  return true;
}
