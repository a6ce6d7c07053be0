import { isLive } from "../../runtime/observed.ts";
import { type Handler, sendJson, sendText } from "../exchange.ts";
import { exposition, expositionType } from "./exposition.ts";
import { counter, gauge, resourceMetrics } from "./resource-metrics.ts";
import { summary } from "./summary.ts";

/** GET /stats/summary */
export const statsSummary: Handler = async ({ response }, { nodeName, pods, usage }) => {
  sendJson(response, summary(nodeName, pods.pods(), await usage.report()));
};

/** GET /metrics/resource */
export const metricsResource: Handler = async ({ response }, { pods, usage, failed }) => {
  const families = await usage.report().then((report) => resourceMetrics(pods.pods(), report.usage), (error: Error) => {
    failed("read what containers use", error);
    return [gauge("resource_scrape_error", "1 where the figures could not be had", [{ value: 1 }])];
  });
  sendText(response, 200, exposition(families), expositionType);
};

/** GET /metrics: the kubelet itself. */
export const metrics: Handler = ({ response }, { nodeName, pods }) => {
  const all = pods.pods().map(({ metadata }) => pods.worker(metadata.namespace, metadata.name)?.observed);
  const containers = all.flatMap((observed) => observed?.containers ?? []);
  const { user, system } = process.cpuUsage();
  const text = exposition([
    gauge("kubelet_node_name", "The node's name, always 1", [{ labels: { node: nodeName }, value: 1 }]),
    gauge("kubelet_running_pods", "Pods that have a running sandbox", [
      { value: all.filter((observed) => observed?.sandboxes.some(({ ready }) => ready)).length },
    ]),
    gauge("kubelet_running_containers", "Containers by their state", [
      { labels: { container_state: "running" }, value: containers.filter(isLive).length },
      { labels: { container_state: "exited" }, value: containers.filter(({ state }) => state === "Exited").length },
      { labels: { container_state: "created" }, value: containers.filter(({ state }) => state === "Created").length },
    ]),
    counter("process_cpu_seconds_total", "Seconds of one core that this process has used", [{ value: (user + system) / 1e6 }]),
    gauge("process_resident_memory_bytes", "Memory of this process", [{ value: process.memoryUsage().rss }]),
  ]);
  sendText(response, 200, text, expositionType);
};
