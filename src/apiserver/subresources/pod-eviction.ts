import { Eviction } from "#api/policy/eviction.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { badRequest } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { deleteObject } from "../endpoints/delete.ts";
import { isDryRun, type ResourceContext } from "../endpoints/resource-context.ts";

/** POST to `pods/NAME/eviction`: asks the pod to leave its node, as a deletion that budgets may hold up. */
export async function evictPod(context: ResourceContext): Promise<Answer> {
  const eviction = (await readObject(Eviction, context)) as Eviction;
  const { name } = context.resource;
  if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest("name in URL does not match name in Eviction object");
  const dryRun = isDryRun(context) ? { dryRun: ["All"] } : {};
  await deleteObject(context, name, { ...eviction.deleteOptions, ...dryRun });
  return { is: "object", code: 201, object: success };
}

const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as unknown as KubeObject;
