import { expect, test } from "vitest";
import { SchedulerMetrics } from "./scheduler-metrics.ts";

const gauges = {
  pending: { active: 1, backoff: 2, unschedulable: 3, gated: 4 }, refused: [["default-scheduler", "NodeResourcesFit", 3]] as const,
  cache: { nodes: 5, pods: 6, assumed_pods: 0 },
};

test("what was done is told under upstream's names, with its buckets", () => {
  const metrics = new SchedulerMetrics();
  metrics.attempted("default-scheduler", "scheduled", 0.0015);
  metrics.attempted("default-scheduler", "scheduled", 100);
  metrics.attempted('odd"', "unschedulable", 0.001);
  metrics.decided(0.004);
  metrics.scheduled(2, 0.03);
  metrics.scheduled(40, 1);
  metrics.preempted(3);
  metrics.preempted(0);
  const lines = metrics.text(gauges).split("\n");
  const name = "scheduler_scheduling_attempt_duration_seconds";
  for (const line of [
    'scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"} 2',
    'scheduler_schedule_attempts_total{profile="odd_",result="unschedulable"} 1',
    `${name}_bucket{le="0.001",profile="default-scheduler",result="scheduled"} 0`,
    `${name}_bucket{le="0.002",profile="default-scheduler",result="scheduled"} 1`,
    `${name}_bucket{le="16.384",profile="default-scheduler",result="scheduled"} 1`,
    `${name}_bucket{le="+Inf",profile="default-scheduler",result="scheduled"} 2`,
    `${name}_count{profile="default-scheduler",result="scheduled"} 2`,
    'scheduler_scheduling_algorithm_duration_seconds_bucket{le="0.004"} 1', "scheduler_scheduling_algorithm_duration_seconds_sum 0.004",
    'scheduler_pod_scheduling_attempts_bucket{le="2"} 1', "scheduler_pod_scheduling_attempts_count 2",
    'scheduler_pod_scheduling_sli_duration_seconds_bucket{le="0.04",attempts="2"} 1',
    'scheduler_pod_scheduling_sli_duration_seconds_count{attempts="15+"} 1',
    "scheduler_preemption_attempts_total 2", 'scheduler_preemption_victims_bucket{le="4"} 1', "scheduler_preemption_victims_count 1",
    'scheduler_pending_pods{queue="gated"} 4', 'scheduler_unschedulable_pods{plugin="NodeResourcesFit",profile="default-scheduler"} 3',
    'scheduler_cache_size{type="assumed_pods"} 0', `# TYPE ${name} histogram`,
  ]) expect(lines).toContain(line);
});
