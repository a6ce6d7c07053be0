import type { Node } from "#api/core/node.ts";

/** Labels of nodes, and the older names under which they are kept as well (Kubernetes "Well-Known Labels, Annotations and Taints"). */
const olderNames: readonly (readonly [name: string, older: string])[] = [
  ["kubernetes.io/os", "beta.kubernetes.io/os"],
  ["kubernetes.io/arch", "beta.kubernetes.io/arch"],
];

/** The labels that the node lacks, or has with another value; `undefined` where it lacks none. */
export function lackingLabels({ metadata: { labels = {} } }: Node): Readonly<Record<string, string>> | undefined {
  const lacking = olderNames.flatMap(([name, older]) => {
    const value = labels[name];
    return value === undefined || labels[older] === value ? [] : [[older, value] as const];
  });
  return lacking.length === 0 ? undefined : Object.fromEntries(lacking);
}
