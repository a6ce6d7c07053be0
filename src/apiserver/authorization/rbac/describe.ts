import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import { quote } from "#machinery/quote.ts";
import type { User } from "../../request.ts";

/** A rule in one line: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function describeRule({ apiGroups = [], nonResourceURLs = [], resourceNames = [], resources = [], verbs }: PolicyRule): string {
  const parts = [
    ["APIGroups", apiGroups], ["NonResourceURLs", nonResourceURLs], ["ResourceNames", resourceNames], ["Resources", resources], ["Verbs", verbs],
  ] as const;
  return `{${parts.filter(([, values]) => values.length > 0).map(([name, values]) => `${name}:${list(values)}`).join(", ")}}`;
}

/** `"ann" (groups=["dev" "system:authenticated"])` */
export function describeUser({ name, groups }: User): string {
  return `${quote(name)} (groups=[${groups.map(quote).join(" ")}])`;
}

function list(values: readonly string[]): string {
  return `[${values.map(quote).join(", ")}]`;
}
