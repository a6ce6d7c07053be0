import type { Namespace } from "#api/core/namespace.ts";
import { modified } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { type ResourceContext } from "../endpoints/resource-context.ts";
import { rewrite } from "../endpoints/rewrite.ts";

/** PUT of `namespaces/NAME/finalize`: takes finalizers off the spec; when none is left, a deleted namespace is gone. */
export async function finalizeNamespace(context: ResourceContext): Promise<Answer> {
  const { kind } = context.served;
  const { metadata, spec } = (await readObject(kind, context)) as Namespace;
  const object = await rewrite(context, (current) => {
    const namespace = current as Namespace;
    const { resourceVersion, name } = namespace.metadata;
    if (metadata.resourceVersion && metadata.resourceVersion !== resourceVersion) throw modified(kind.resource, name);
    return { ...namespace, spec: { ...namespace.spec, finalizers: spec.finalizers } };
  });
  return { is: "object", code: 200, kind, object };
}
