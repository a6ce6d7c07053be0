import type { Pod } from "#api/core/pod.ts";
import { validateEphemeralContainersUpdate } from "#api/core/validation/pod.ts";
import { validatePodResize } from "#api/core/validation/pod-resize.ts";
import { equal } from "#machinery/equality.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import { invalid, modified, type StatusCause } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { mutate, validateAdmission } from "../endpoints/admit.ts";
import { currentObject } from "../endpoints/get.ts";
import { patched, readPatch } from "../endpoints/patch.ts";
import { recordWriter } from "../endpoints/record-writer.ts";
import { type ResourceContext, storageOf } from "../endpoints/resource-context.ts";
import { rewrite } from "../endpoints/rewrite.ts";

type Containers = Pod["spec"]["containers"];

/** GET, PUT and PATCH of `pods/NAME/ephemeralcontainers`: adds containers to a running pod, for looking into it. */
export function podEphemeralContainers(context: ResourceContext): Promise<Answer> {
  return podPart(context, (current, wanted) => {
    const pod = { ...current, spec: { ...current.spec, ephemeralContainers: wanted.spec.ephemeralContainers } };
    return { pod, causes: validateEphemeralContainersUpdate(pod, current) };
  });
}

/** GET, PUT and PATCH of `pods/NAME/resize`: what containers ask for, while they run. */
export function podResize(context: ResourceContext): Promise<Answer> {
  return podPart(context, (current, wanted) => {
    const { spec } = current;
    const containers = resized(spec.containers, wanted.spec.containers);
    const initContainers = resized(spec.initContainers ?? [], wanted.spec.initContainers ?? []);
    const pod = { ...current, spec: { ...spec, containers, ...(initContainers.length > 0 && { initContainers }) } };
    return { pod, causes: validatePodResize(pod, current) };
  });
}

/** The wanted containers in the wanted order, of which only resources are taken; those that are not there yet are for validation to refuse. */
function resized(containers: Containers, wanted: Containers): Containers {
  return wanted.map((other) => {
    const container = containers.find(({ name }) => name === other.name);
    return container ? { ...container, resources: other.resources, resizePolicy: other.resizePolicy } : other;
  });
}

interface ChangedPod {
  readonly pod: Pod;
  /** What speaks against it. */
  readonly causes: readonly StatusCause[];
}

/** @param take of what the client wants, what this subresource may change */
async function podPart(context: ResourceContext, take: (current: Pod, wanted: Pod) => ChangedPod): Promise<Answer> {
  const { kind } = context.served;
  const { verb } = context.info;
  if (verb === "get") {
    await storageOf(context, "get").current();
    return { is: "object", code: 200, kind, object: currentObject(context) };
  }
  const want = verb === "patch" ? await patching(context) : await replacing(context);
  const object = await rewrite(context, async (current) => finish(context, current as Pod, take(current as Pod, want(current))));
  return { is: "object", code: 200, kind, object };
}

async function patching(context: ResourceContext): Promise<(current: KubeObject) => Pod> {
  const request = await readPatch(context);
  return (current) => patched(context, context.served.kind, request, current) as KubeObject as Pod;
}

async function replacing(context: ResourceContext): Promise<(current: KubeObject) => Pod> {
  const { kind } = context.served;
  const body = (await readObject(kind, context)) as KubeObject as Pod;
  return ({ metadata }) => {
    const asked = body.metadata.resourceVersion;
    if (asked && asked !== metadata.resourceVersion) throw modified(kind.resource, metadata.name);
    return body;
  };
}

async function finish(context: ResourceContext, current: Pod, { pod, causes }: ChangedPod): Promise<KubeObject> {
  const { kind } = context.served;
  const { name, generation = 0 } = current.metadata;
  if (equal(pod.spec, current.spec)) return current;
  const changed: KubeObject = { ...pod, metadata: { ...pod.metadata, generation: generation + 1 } } as KubeObject;
  const recorded = recordWriter(context, changed, current) as Draft<KubeObject> as KubeObject;
  const admitted = await mutate(context, { operation: "UPDATE", name, object: recorded, oldObject: current });
  const problems = [...causes, ...(kind.validate?.(admitted) ?? [])];
  if (problems.length > 0) throw invalid({ group: kind.group, resource: kind.kind }, name, problems);
  await validateAdmission(context, { operation: "UPDATE", name, object: admitted, oldObject: current });
  return admitted;
}
