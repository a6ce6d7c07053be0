import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { checkNonNegative } from "./field-checks.ts";

/** The numbers among the fields of a status, by name; an absent one is 0. */
type Counts<Status> = { readonly [Name in keyof Status as Status[Name] extends number | undefined ? Name : never]?: number };
type CountOf<Status> = keyof Counts<Status> & string;

const statusPath = fieldPath("status");

export function checkCounts<Status>(status: Status & Counts<Status>, names: readonly CountOf<Status>[]): FieldError[] {
  return names.flatMap((name) => checkNonNegative(status[name], statusPath.child(name)));
}

/** None of these may be more than another one. @param wholeText how messages call that other one */
export function checkWithin<Status>(
  status: Status & Counts<Status>, names: readonly CountOf<Status>[], whole: CountOf<Status>, wholeText: string,
): FieldError[] {
  return names.flatMap((name) => {
    const [part = 0, all = 0]: readonly (number | undefined)[] = [status[name], status[whole]];
    return part > all ? [invalidValue(statusPath.child(name), part, `cannot be greater than ${wholeText}`)] : [];
  });
}

/** Names are made of the count of collisions: it never falls. */
export function checkCollisions({ collisionCount = 0 }: Collides, { collisionCount: before = 0 }: Collides): FieldError[] {
  return collisionCount < before ? [invalidValue(statusPath.child("collisionCount"), collisionCount, "cannot be decremented")] : [];
}

interface Collides {
  readonly collisionCount?: number;
}
