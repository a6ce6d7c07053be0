import { Pod } from "#api/core/pod.ts";
import { Eviction } from "#api/policy/eviction.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { badRequest, notFound } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { deleteObject } from "../endpoints/delete.ts";
import { isDryRun, namespaceOf, type ResourceContext, storageOf } from "../endpoints/resource-context.ts";
import { rewrite } from "../endpoints/rewrite.ts";
import { spendBudget } from "./disruption-budget.ts";

/** POST to `pods/NAME/eviction`: asks the pod to leave its node, as a deletion that budgets may hold up. */
export async function evictPod(context: ResourceContext): Promise<Answer> {
  const eviction = (await readObject(Eviction, context)) as Eviction;
  const { name } = context.resource;
  if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest("name in URL does not match name in Eviction object");
  const dryRunAsked = isDryRun(context) || (eviction.deleteOptions?.dryRun ?? []).length > 0;
  const pods = storageOf(context, "create");
  await pods.current();
  const pod = pods.get(namespaceOf(context), name)?.object as Pod | undefined;
  if (!pod) throw notFound(Pod.resource, name);
  if (needsBudget(pod)) await spendBudget(context, pod, dryRunAsked);
  if (!dryRunAsked) await rewrite(context, (current) => withCondition(current as Pod, context));
  await deleteObject(context, name, { ...eviction.deleteOptions, ...(dryRunAsked ? { dryRun: ["All"] } : {}) });
  return { is: "object", code: 201, object: success };
}

const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as unknown as KubeObject;

/** What has ended, has not begun or is on its way out disrupts nobody. */
function needsBudget({ metadata, status: { phase } }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && phase !== "Succeeded" && phase !== "Failed" && phase !== "Pending";
}

/** The pod says why it ends (KEP-3329). */
function withCondition(pod: Pod, { parts: { clock } }: ResourceContext): Pod {
  const condition = {
    type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting",
    lastTransitionTime: formatTime(clock.now()),
  } as const;
  if (pod.metadata.deletionTimestamp !== undefined) return pod;
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== condition.type);
  return { ...pod, status: { ...pod.status, conditions: [...others, condition] } };
}
