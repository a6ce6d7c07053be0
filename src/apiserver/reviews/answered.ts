import type { Kind, KubeObject } from "#machinery/kind.ts";
import { readObject } from "../body/decode-body.ts";
import type { ResourceContext } from "../endpoints/resource-context.ts";
import type { ResourceRoute } from "../route.ts";

/** A kind that is posted and sent back with its status filled in, and never stored. */
export function answeredRoute<T extends KubeObject>(kind: Kind<T>, answer: (posted: T, context: ResourceContext) => Promise<T> | T): ResourceRoute {
  return {
    group: kind.group, version: kind.version, resource: kind.plural, verbs: ["create"],
    async answer(context) {
      const posted = (await readObject(kind, context)) as unknown as T;
      return { is: "object", code: 201, kind: context.served.kind, object: await answer(posted, context) };
    },
  };
}
