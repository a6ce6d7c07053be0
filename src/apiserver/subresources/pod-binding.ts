import { Binding } from "#api/core/binding.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import { badRequest, conflict, invalid } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { validateAdmission } from "../endpoints/admit.ts";
import { placeInNamespace } from "../endpoints/create.ts";
import { type ResourceContext } from "../endpoints/resource-context.ts";
import { rewrite } from "../endpoints/rewrite.ts";

/** POST to `pods/NAME/binding`: gives a pod its node, once and for all. */
export async function bindPod(context: ResourceContext): Promise<Answer> {
  const binding = await readObject(Binding, context);
  placeInNamespace(context, binding as Draft<KubeObject>);
  const { name } = context.resource;
  if (binding.metadata.name && binding.metadata.name !== name) {
    throw badRequest(`the name of the object (${binding.metadata.name}) does not match the name on the URL (${name})`);
  }
  binding.metadata.name ??= name;
  checkTarget(binding as Binding);
  await validateAdmission(context, { operation: "CREATE", name, object: binding as KubeObject });
  await rewrite(context, (current) => bound(current as Pod, binding as Binding, context));
  return { is: "object", code: 201, object: success };
}

const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as unknown as KubeObject;

function checkTarget({ metadata, target }: Binding): void {
  if (target.kind !== undefined && target.kind !== "" && target.kind !== "Node") {
    const message = `Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`;
    throw invalid({ group: "", resource: "Binding" }, metadata.name, [{ field: "target.kind", reason: "FieldValueNotSupported", message }]);
  }
  if (!target.name) {
    const missing = { field: "target.name", reason: "FieldValueRequired", message: "Required value" };
    throw invalid({ group: "", resource: "Binding" }, metadata.name, [missing]);
  }
}

function bound(pod: Pod, { metadata, target }: Binding, { served: { kind }, parts: { clock } }: ResourceContext): Pod {
  const { name, deletionTimestamp, uid } = pod.metadata;
  const refuse = (why: string): never => {
    throw conflict(kind.resource, name, why);
  };
  if (metadata.uid && metadata.uid !== uid) {
    refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`);
  }
  if (deletionTimestamp !== undefined) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if ((pod.spec.schedulingGates ?? []).length > 0) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const lastTransitionTime = formatTime(clock.now());
  const condition = { type: "PodScheduled", status: "True", lastTransitionTime, observedGeneration: pod.metadata.generation };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const annotations = { ...pod.metadata.annotations, ...metadata.annotations };
  const labels = { ...pod.metadata.labels, ...metadata.labels };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    },
    spec: { ...pod.spec, nodeName: target.name },
    status: { ...pod.status, conditions: [...others, condition] },
  };
}
