import type { Pod } from "#api/generated/core-v1.ts";
import { parseTime } from "#machinery/time.ts";
import type { MetricFamily, Sample } from "./exposition.ts";
import { startOf, sum } from "./summary.ts";
import type { ContainerUsage, NodeUsage } from "./usage.ts";

const seconds = (nanoseconds: number | undefined): number | undefined => (nanoseconds === undefined ? undefined : nanoseconds / 1e9);

/** What `/metrics/resource` tells, from which metrics servers reckon. Pure. */
export function resourceMetrics(pods: readonly Pod[], { at, machine, containers }: NodeUsage): readonly MetricFamily[] {
  const sample = (value: number | undefined, labels: Sample["labels"] = {}): Sample[] => (value === undefined ? [] : [{ labels, value, at }]);
  const byPod = pods.map((pod) => ({ pod, own: containers.filter((each) => each.pod.uid === pod.metadata.uid) }));
  const ofContainers = (amount: (each: ContainerUsage, pod: Pod) => number | undefined): Sample[] => byPod.flatMap(({ pod, own }) =>
    own.flatMap((each) => sample(amount(each, pod), { container: each.name, namespace: pod.metadata.namespace, pod: pod.metadata.name })));
  const ofPods = (amount: (each: ContainerUsage) => number | undefined): Sample[] => byPod.flatMap(({ pod, own }) =>
    sample(sum(own, amount), { namespace: pod.metadata.namespace, pod: pod.metadata.name }));
  return [
    counter(
      "container_cpu_usage_seconds_total", "Seconds of one core that the container has used", ofContainers((each) => seconds(each.cpuNanoseconds)),
    ),
    gauge("container_memory_working_set_bytes", "Working set of the container", ofContainers((each) => each.memory.workingSet)),
    gauge("container_start_time_seconds", "When the container started, since 1970", ofContainers((each, pod) => startSeconds(pod, each.id))),
    counter("node_cpu_usage_seconds_total", "Seconds of one core that the node has used", sample(seconds(machine?.cpuNanoseconds))),
    gauge("node_memory_working_set_bytes", "Working set of the node", sample(machine?.memory.workingSet)),
    counter("pod_cpu_usage_seconds_total", "Seconds of one core that the pod has used", ofPods((each) => seconds(each.cpuNanoseconds))),
    gauge("pod_memory_working_set_bytes", "Working set of the pod", ofPods((each) => each.memory.workingSet)),
    gauge("resource_scrape_error", "1 where the figures could not be had", [{ value: 0 }]),
  ];
}

function startSeconds(pod: Pod, id: string): number | undefined {
  const start = parseTime(startOf(pod, id) ?? "");
  return start === undefined ? undefined : start / 1000;
}

export function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: "counter", samples };
}

export function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: "gauge", samples };
}
