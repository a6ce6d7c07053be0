import {
  checkedRequirement, type LabelOperator, type LabelRequirement, type Labels, matchesRequirement, requirementText, SelectorError,
} from "./label-requirement.ts";
import { parseRequirements } from "./label-selector-syntax.ts";

export { type LabelOperator, type LabelRequirement, type Labels, SelectorError } from "./label-requirement.ts";

/** Selects objects by their labels (Kubernetes "Labels and Selectors"). Immutable. */
export class LabelSelector {
  /** All have to hold; sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  readonly #selectsNothing: boolean;

  private constructor(requirements: readonly LabelRequirement[], selectsNothing: boolean) {
    this.requirements = requirements;
    this.#selectsNothing = selectsNothing;
  }

  static readonly everything = new LabelSelector([], false);
  static readonly nothing = new LabelSelector([], true);

  static of(requirements: readonly LabelRequirement[]): LabelSelector {
    if (requirements.length === 0) return LabelSelector.everything;
    return new LabelSelector(requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)), false);
  }

  get isEmpty(): boolean {
    return this.requirements.length === 0 && !this.#selectsNothing;
  }

  matches(labels: Labels | undefined): boolean {
    if (this.#selectsNothing) return false;
    return this.requirements.every((requirement) => matchesRequirement(requirement, labels ?? {}));
  }

  /** The one value that the selector demands of this label, if it demands one. */
  exactValue(key: string): string | undefined {
    const requirement = this.requirements.find((candidate) => candidate.key === key);
    const exact = requirement?.operator === "=" || requirement?.operator === "==" || requirement?.operator === "in";
    return exact && requirement.values.length === 1 ? requirement.values[0] : undefined;
  }

  /** The canonical text, such as `app=web,tier in (a,b),!canary`; also what `status.selector` of a scale shows. */
  toString(): string {
    return this.requirements.map(requirementText).join(",");
  }
}

/** The selector of meta/v1, as workloads hold it. */
export interface LabelSelectorObject {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelSelectorExpression[];
}

export interface LabelSelectorExpression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const longestSelector = 64 * 1024;

/** Reads `a=b,c!=d,e in (x,y),f notin (z),!g,h,i>3`. @throws SelectorError */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.length > longestSelector) throw new SelectorError(`the selector is longer than ${longestSelector} characters`);
  return LabelSelector.of(parseRequirements(text));
}

/** Demands each of these labels; no labels select everything. */
export function selectorFromLabels(labels: Labels | undefined): LabelSelector {
  return LabelSelector.of(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: "=", values: [value ?? ""] })));
}

const objectOperators: ReadonlyMap<string, LabelOperator> = new Map([["In", "in"], ["NotIn", "notin"], ["Exists", "exists"], ["DoesNotExist", "!"]]);

/** From the object of meta/v1: absent selects nothing, empty selects everything. @throws SelectorError */
export function selectorFromObject(object: LabelSelectorObject | null | undefined): LabelSelector {
  if (object === null || object === undefined) return LabelSelector.nothing;
  const requirements = Object.entries(object.matchLabels ?? {}).map(([key, value]) => checkedRequirement(key, "=", [value ?? ""]));
  for (const { key, operator, values } of object.matchExpressions ?? []) {
    const known = objectOperators.get(operator);
    if (known === undefined) throw new SelectorError(`"${operator}" is not a valid label selector operator`);
    requirements.push(checkedRequirement(key, known, values ?? []));
  }
  return LabelSelector.of(requirements);
}
