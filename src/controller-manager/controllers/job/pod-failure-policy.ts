import type { Pod } from "#api/core/pod.ts";
import type { PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from "#api/generated/batch-v1.ts";
import type { ContainerStatus, PodCondition } from "#api/generated/core-v1.ts";

export interface Verdict {
  /** Whether the failure is one of those that are limited. */
  readonly counts: boolean;
  /** What the rule says that matched. */
  readonly action?: string;
  /** Why the job fails, where the rule says so. */
  readonly message?: string;
}

/** What a pod's failure means by the first rule that matches it; where none does, it counts (KEP-3329). */
export function judge({ rules }: PodFailurePolicy, pod: Pod): Verdict {
  for (const [index, rule] of rules.entries()) {
    const cause = causeIn(rule, pod);
    if (cause === undefined) continue;
    switch (rule.action) {
      case "Ignore":
        return { counts: false, action: rule.action };
      case "Count":
      case "FailIndex":
        return { counts: true, action: rule.action };
      case "FailJob":
        return { counts: true, action: rule.action, message: `${cause} matching FailJob rule at index ${index}` };
    }
  }
  return { counts: true };
}

/** What of the pod the rule is about, in words; `undefined` where it does not match. */
function causeIn({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, { metadata: { namespace, name }, status }: Pod): string | undefined {
  if (onExitCodes) {
    const container = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find((one) => exits(one, onExitCodes));
    const code = container?.state?.terminated?.exitCode;
    return container && `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${code}`;
  }
  const condition = onPodConditions.map((pattern) => status.conditions?.find((one) => holds(one, pattern))).find((found) => found !== undefined);
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

function exits({ name, state }: ContainerStatus, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): boolean {
  const code = state?.terminated?.exitCode ?? 0;
  if ((containerName !== undefined && containerName !== name) || code === 0) return false;
  return operator === "In" ? values.includes(code) : operator === "NotIn" && !values.includes(code);
}

function holds(condition: PodCondition, pattern: { readonly type: string; readonly status: string }): boolean {
  return condition.type === pattern.type && condition.status === pattern.status;
}
