import type { NamespaceCondition } from "#api/generated/core-v1.ts";
import { formatTime } from "#machinery/time.ts";
import type { Contents, Remaining } from "./contents.ts";

interface Finding {
  readonly type: string;
  /** Absent: all is well. */
  readonly trouble?: { readonly reason: string; readonly message: string };
  readonly fine: { readonly reason: string; readonly message: string };
}

/** How the deletion of a namespace gets on: everything that is "True" is in its way. */
export function deletionConditions(before: readonly NamespaceCondition[], contents: Contents, now: number): readonly NamespaceCondition[] {
  const known = new Map(before.map((condition) => [condition.type, condition]));
  for (const { type, trouble, fine } of findings(contents)) {
    const status = trouble ? "True" : "False";
    const { reason, message } = trouble ?? fine;
    const current = known.get(type);
    if (current?.status === status && current.reason === reason && current.message === message) continue;
    const lastTransitionTime = current?.status === status && current.lastTransitionTime ? current.lastTransitionTime : formatTime(now);
    known.set(type, { type, status, lastTransitionTime, reason, message });
  }
  return [...known.values()];
}

function findings({ remaining, failures, undiscovered }: Contents): readonly Finding[] {
  const failed = failures.map(({ kind, error }) => `${kind.plural}${kind.group === "" ? "" : `.${kind.group}`}: ${error.message}`).sort();
  const finalizers = sumFinalizers(remaining);
  return [
    {
      type: "NamespaceDeletionDiscoveryFailure", fine: { reason: "ResourcesDiscovered", message: "All resources successfully discovered" },
      ...(undiscovered.length === 0 ? {} : { trouble: { reason: "DiscoveryFailed", message: discoveryFailure(undiscovered) } }),
    },
    {
      type: "NamespaceDeletionGroupVersionParsingFailure",
      fine: { reason: "ParsedGroupVersions", message: "All legacy kube types successfully parsed" },
    },
    {
      type: "NamespaceDeletionContentFailure",
      fine: { reason: "ContentDeleted", message: "All content successfully deleted, may be waiting on finalization" },
      ...(failed.length === 0 ? {} : { trouble: {
        reason: "ContentDeletionFailed", message: `Failed to delete all resource types, ${failed.length} remaining: ${failed.join(", ")}`,
      } }),
    },
    {
      type: "NamespaceContentRemaining",
      fine: { reason: "ContentRemoved", message: "All content successfully removed" },
      ...(remaining.length === 0 ? {} : { trouble: {
        reason: "SomeResourcesRemain", message: `Some resources are remaining: ${remaining.map(instances).sort().join(", ")}`,
      } }),
    },
    {
      type: "NamespaceFinalizersRemaining",
      fine: { reason: "ContentHasNoFinalizers", message: "All content-preserving finalizers finished" },
      ...(finalizers.length === 0 ? {} : { trouble: {
        reason: "SomeFinalizersRemain", message: `Some content in the namespace has finalizers remaining: ${finalizers.join(", ")}`,
      } }),
    },
  ];
}

/** Clients know these words. @param versions groups with versions */
export function discoveryFailure(versions: readonly string[]): string {
  const each = versions.map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  return `Discovery failed for some groups, ${each.length} failing: unable to retrieve the complete list of server APIs: ${each.join(", ")}`;
}

function instances({ kind, count }: Remaining): string {
  return `${kind.plural}.${kind.group} has ${count} resource instances`;
}

function sumFinalizers(remaining: readonly Remaining[]): readonly string[] {
  const sums = new Map<string, number>();
  for (const { finalizers } of remaining) for (const [name, count] of finalizers) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums].map(([name, count]) => `${name} in ${count} resource instances`).sort();
}
