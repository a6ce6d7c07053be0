import type { NewCondition } from "#api/apiextensions/conditions.ts";
import type { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { quote } from "#machinery/quote.ts";

type Names = CustomResourceDefinition["status"]["acceptedNames"];
type SingleName = "plural" | "singular" | "kind" | "listKind";

export interface NameDecision {
  readonly acceptedNames: Names;
  readonly condition: NewCondition;
}

/**
 * Which of the names that a definition asks for are its own from now on. A name that another definition of the group has keeps to that;
 * what was accepted before stays.
 *
 * @param others all other definitions of the same group
 */
export function decideNames({ spec, status }: CustomResourceDefinition, others: readonly CustomResourceDefinition[]): NameDecision {
  const { names } = spec;
  const accepted = status.acceptedNames;
  const taken = others.map((other) => other.status.acceptedNames);
  const resources = new Set(taken.flatMap(({ plural, singular, shortNames = [] }) => [plural, singular, ...shortNames]));
  const kinds = new Set(taken.flatMap(({ kind, listKind }) => [kind, listKind]));
  const next: { -readonly [Name in keyof Names]: Names[Name] } = { ...accepted, ...(names.categories ? { categories: names.categories } : {}) };
  if (!names.categories) delete next.categories;
  let conflict: NewCondition | undefined;
  const refuse = (reason: string, message: string): void => void (conflict = { type: "NamesAccepted", status: "False", reason, message });

  for (const [field, used, reason] of [
    ["plural", resources, "PluralConflict"], ["singular", resources, "SingularConflict"],
  ] as const) {
    if (isFree(names[field], accepted[field], used)) take(next, field, names[field]);
    else refuse(reason, inUse(names[field]));
  }
  const clashes = semanticallyEqual(names.shortNames, accepted.shortNames) ? []
    : (names.shortNames ?? []).filter((name) => !accepted.shortNames?.includes(name) && resources.has(name));
  if (clashes.length > 0) refuse("ShortNamesConflict", clashes.length === 1 ? inUse(clashes[0]) : `[${clashes.map(inUse).join(", ")}]`);
  else if (names.shortNames) next.shortNames = names.shortNames;
  else delete next.shortNames;
  for (const [field, reason] of [["kind", "KindConflict"], ["listKind", "ListKindConflict"]] as const) {
    if (isFree(names[field], accepted[field], kinds)) take(next, field, names[field]);
    else refuse(reason, inUse(names[field]));
  }
  const condition = conflict ?? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" };
  return { acceptedNames: next, condition };
}

function isFree(name: string | undefined, accepted: string | undefined, used: ReadonlySet<string | undefined>): boolean {
  return name === accepted || !used.has(name);
}

function take(names: { [name in SingleName]?: string }, field: SingleName, name: string | undefined): void {
  if (name !== undefined) names[field] = name;
}

function inUse(name: string | undefined): string {
  return `${quote(name ?? "")} is already in use`;
}
