import { ComponentStatus } from "#api/core/component-status.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { notFound } from "#machinery/status-error.ts";
import type { HealthChecks } from "./health.ts";
import type { ResourceRoute } from "./route.ts";
import { CachedObject } from "./watch-cache/cached-object.ts";

/** What the oldest of clients ask for to see whether a cluster is well. All parts are in one process: whoever answers is healthy. */
export function componentStatusRoute({ readyz }: HealthChecks): ResourceRoute {
  return {
    group: "", version: "v1", resource: ComponentStatus.plural, verbs: ["get", "list"],
    async answer({ served: { kind }, resource: { name } }) {
      const store = readyz.find((check) => check.name === "etcd");
      const components = [componentStatus("controller-manager"), componentStatus("scheduler"), componentStatus("etcd-0", await store?.problem())];
      if (name === "") return { is: "list", kind, items: components.map((object) => CachedObject.of(object, 0)), metadata: { resourceVersion: "" } };
      const object = components.find(({ metadata }) => metadata.name === name);
      if (!object) throw notFound(kind.resource, name);
      return { is: "object", code: 200, kind, object };
    },
  };
}

function componentStatus(name: string, problem?: string): KubeObject {
  const condition = problem === undefined
    ? { type: "Healthy", status: "True", message: "ok" } : { type: "Healthy", status: "False", error: problem };
  return { apiVersion: "v1", kind: "ComponentStatus", metadata: { name }, conditions: [condition] } as unknown as KubeObject;
}
