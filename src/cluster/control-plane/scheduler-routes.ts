import { answerDocument, jsonDocument } from "#apiserver/document.ts";
import type { PathRoute } from "#apiserver/route.ts";
import { notFound } from "#machinery/status-error.ts";
import type { Explanation } from "#scheduler/decision-history.ts";

/** Below it: NAMESPACE/POD. Roles allow it as a non-resource URL. */
export const decisionsPath = "/scheduler/decisions/";

const decisions = { group: "", resource: "scheduling decisions" };

/** Tells why a pod is where it is, or nowhere: the scheduler's latest decision about it. */
export function decisionsRoute(explain: (namespace: string, name: string) => Explanation | undefined): PathRoute {
  return {
    path: decisionsPath,
    answer({ info }) {
      const [namespace = "", name = ""] = info.path.slice(decisionsPath.length).split("/");
      const explanation = explain(namespace, name);
      if (!explanation) throw notFound(decisions, `${namespace}/${name}`);
      return answerDocument(jsonDocument(explanation), undefined);
    },
  };
}

/** As kube-scheduler has it at /metrics of its own port. Roles allow it as a non-resource URL. */
export const schedulerMetricsPath = "/scheduler/metrics";

export function schedulerMetricsRoute(text: () => string): PathRoute {
  return {
    path: schedulerMetricsPath,
    answer: () => ({ is: "bytes", code: 200, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" }, body: text() }),
  };
}
