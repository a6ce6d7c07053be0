import type { Pod } from "#api/core/pod.ts";
import type { ScrapedPods } from "#api/generated/custommetrics-v1.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";

/** Where a pod serves its figures. */
export interface Target {
  readonly scheme: "http" | "https";
  readonly port: number;
  /** With a slash at its beginning. */
  readonly path: string;
}

const annotation = "prometheus.io/";

/** Where to ask a running pod: as its annotations `prometheus.io/scrape`, `port`, `path` and `scheme` say, or the configuration. */
export function targetOf(pod: Pod, scraped: readonly ScrapedPods[]): Target | undefined {
  if (pod.status.phase !== "Running" || !pod.status.podIP) return undefined;
  return annotatedTarget(pod) ?? configuredTarget(pod, scraped);
}

function annotatedTarget({ metadata: { annotations = {} }, spec }: Pod): Target | undefined {
  if (annotations[`${annotation}scrape`] !== "true") return undefined;
  const said = annotations[`${annotation}port`];
  const port = said === undefined ? spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort : Number(said);
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return target(port, annotations[`${annotation}path`], annotations[`${annotation}scheme`]);
}

function configuredTarget({ metadata: { namespace, labels } }: Pod, scraped: readonly ScrapedPods[]): Target | undefined {
  const isMeant = ({ namespace: wanted = namespace, selector }: ScrapedPods): boolean =>
    wanted === namespace && (selector === undefined || selectorFromObject(selector).matches(labels));
  const found = scraped.find(isMeant);
  return found && target(found.port, found.path, found.scheme);
}

function target(port: number, path = "/metrics", scheme = "http"): Target {
  return { port, path: path.startsWith("/") ? path : `/${path}`, scheme: scheme === "https" ? "https" : "http" };
}
