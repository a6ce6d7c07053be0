import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { ResourceList } from "#machinery/resource-list.ts";
import type { ResourceQuota, ScopedResourceSelectorRequirement } from "../../generated/core-v1.ts";

export type ScopeRequirement = ScopedResourceSelectorRequirement;

/** How the objects of one kind count against quotas. */
export interface QuotaEvaluator {
  /** Whether it counts towards this resource. */
  counts(resource: string): boolean;
  /** What one object uses. @param now milliseconds, for objects whose time is up */
  usage(object: KubeObject, now: number): ResourceList;
  /** Whether the object is within a scope. */
  isWithin(object: KubeObject, requirement: ScopeRequirement): boolean;
  /** What an object does not say and has to where these resources are limited, such as `must specify cpu for: app`. */
  unspecified?(object: KubeObject, limited: readonly string[]): string | undefined;
  /** Whether what an object uses can change while it is there. */
  readonly changes: boolean;
}

/** All that must hold for an object to count, whichever of its two fields says it. */
export function scopeRequirements({ scopes = [], scopeSelector }: ResourceQuota["spec"]): readonly ScopeRequirement[] {
  return [...scopes.map((scopeName): ScopeRequirement => ({ scopeName, operator: "Exists" })), ...(scopeSelector?.matchExpressions ?? [])];
}

/** `count/deployments.apps` */
export function countName({ group, plural }: Pick<KindReference, "group" | "plural">): string {
  return `count/${plural}${group === "" ? "" : `.${group}`}`;
}

/** Compares one value as scopes with values do; an object without a value is within none but the absence itself. */
export function matchesValue(value: string | undefined, { operator, values = [] }: ScopeRequirement): boolean {
  switch (operator) {
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
  }
}
