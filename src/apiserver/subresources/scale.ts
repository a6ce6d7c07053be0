import { copyOf } from "#machinery/json.ts";
import { Scale } from "#api/autoscaling/scale.ts";
import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";
import { invalid, methodNotAllowed } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { currentObject } from "../endpoints/get.ts";
import { patched, readPatch } from "../endpoints/patch.ts";
import { type ResourceContext, storageOf } from "../endpoints/resource-context.ts";
import { change } from "../endpoints/update.ts";

/** GET, PUT and PATCH of `…/scale`: how many replicas a workload wants, whatever kind it is. */
export async function scale(context: ResourceContext): Promise<Answer> {
  const { kind } = context.served;
  const answered = (object: KubeObject): Answer => ({ is: "object", code: 200, kind: Scale, object: scaleOf(kind, object) });
  switch (context.info.verb) {
    case "get":
      await storageOf(context, "get").current();
      return answered(currentObject(context).object);
    case "update": {
      const wanted = (await readObject(Scale, context)) as Scale;
      return answered((await change(context, (current) => scaled(kind, current, wanted))).object);
    }
    case "patch": {
      const request = await readPatch(context);
      const next = (current: KubeObject): Draft<KubeObject> =>
        scaled(kind, current, patched(context, Scale, request, scaleOf(kind, current)) as unknown as Scale);
      return answered((await change(context, next)).object);
    }
    default:
      throw methodNotAllowed(kind.resource, context.info.verb);
  }
}

function scaleOf(kind: Kind, object: KubeObject): Scale {
  const mapping = mappingOf(kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = mapping.selector(object);
  return {
    apiVersion: "autoscaling/v1", kind: "Scale",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: mapping.replicas(object) },
    status: { replicas: mapping.statusReplicas(object), ...(selector === "" ? {} : { selector }) },
  };
}

function scaled(kind: Kind, current: KubeObject, { metadata, spec }: Scale): Draft<KubeObject> {
  const replicas = spec.replicas ?? 0;
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid({ group: "autoscaling", resource: "Scale" }, metadata.name, [{ field: "spec.replicas", reason: "FieldValueInvalid", message }]);
  }
  const object = copyOf(mappingOf(kind).withReplicas(current, replicas)) as Draft<KubeObject>;
  object.metadata.resourceVersion = metadata.resourceVersion;
  if (metadata.uid) object.metadata.uid = metadata.uid;
  return object;
}

function mappingOf(kind: Kind): NonNullable<NonNullable<Kind["subresources"]>["scale"]> {
  const mapping = kind.subresources?.scale;
  if (!mapping) throw new Error(`${kind.kind} has no scale`);
  return mapping;
}
